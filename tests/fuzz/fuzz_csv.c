/* Any bytes as a file: its encoding and rows are the same however the bytes are cut, decoded text
 * is UTF-8 but for what is marked as no character, lines rise, and limits hold. The first byte says
 * how to cut. */
#include <stdlib.h>

#include "csv/encoding.h"
#include "csv/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read, to be compared: lines and cells. */
static void note_row(struct str *noted, const struct csv_row *row, uint64_t *line)
{
    ENSURE(row->line > *line && row->cell_count <= CSV_CELLS + 1);
    *line = row->line;
    str_addf(noted, "\n%llu", (unsigned long long)row->line);
    for (size_t i = 0; i < row->cell_count; i++) {
        for (size_t c = 0; c < row->cells[i].n; c++)
            ENSURE(row->cells[i].p[c]);
        STR_ADD(noted, "|");
        str_add(noted, row->cells[i]);
    }
}

static void read_all(struct str *text, size_t cut, struct str *noted)
{
    struct csv_reader *reader = csv_reader_new(csv_separator(str_view(text)));
    struct sv left = str_view(text);
    struct csv_row row;
    uint64_t line = 0;

    while (left.n && !csv_reader_fault(reader, &(uint64_t){0})) {
        struct sv piece = sv_head(left, cut);

        left = sv_skip(left, piece.n);
        while (csv_read(reader, &piece, &row))
            note_row(noted, &row, &line);
    }
    if (csv_read_end(reader, &row))
        note_row(noted, &row, &line);
    csv_reader_free(reader);
}

static enum csv_encoding decode_all(struct sv bytes, size_t cut, struct str *text)
{
    struct csv_sniff sniff = {0};
    struct csv_decoder decoder = {0};

    for (struct sv left = bytes; left.n; left = sv_skip(left, size_min(cut, left.n)))
        csv_sniff(&sniff, sv_head(left, cut));
    decoder.encoding = csv_sniffed(&sniff);
    for (struct sv left = bytes; left.n; left = sv_skip(left, size_min(cut, left.n)))
        csv_decode(&decoder, sv_head(left, cut), text);
    csv_decode_end(&decoder, text);
    ENSURE(!str_failed(text));
    return decoder.encoding;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sv bytes = sv_skip((struct sv){(const char *)data, size}, 1);
    size_t cut = size ? 1 + data[0] % 16 : 1;
    struct str texts[2];
    struct str rows[2];
    enum csv_encoding encodings[2];

    for (size_t i = 0; i < 2; i++) {
        str_init(&texts[i], bytes.n * DECODED_FACTOR + 1);
        str_init(&rows[i], MB(64));
        encodings[i] = decode_all(bytes, i ? cut : bytes.n + 1, &texts[i]);
        read_all(&texts[i], i ? cut : bytes.n + 1, &rows[i]);
    }
    ENSURE(encodings[0] == encodings[1] && sv_eq(str_view(&texts[0]), str_view(&texts[1])));
    ENSURE(sv_eq(str_view(&rows[0]), str_view(&rows[1])));
    for (size_t i = 0; i < texts[0].n && encodings[0] == ENCODING_UTF8; i++)
        ENSURE((unsigned char)texts[0].p[i] < 0xf5);
    for (size_t i = 0; i < 2; i++) {
        str_fini(&texts[i]);
        str_fini(&rows[i]);
    }
    return 0;
}
