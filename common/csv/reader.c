/* libcsv fed line by line, so that it is known where a row begins and a caller can stop after one.
 */
#include "csv/reader.h"

#include <csv.h>
#include <string.h>

#include "base/str.h"

struct csv_reader {
    struct csv_parser parser;
    char separator;
    struct arena *arena; /* of the row's cells */
    struct sv cells[CSV_CELLS + 1];
    size_t cell_count;
    bool has_nul;
    bool is_whole;
    bool is_open; /* something of a row has come */
    bool after_cr;
    uint64_t line;     /* the one at hand */
    uint64_t row_line; /* on which the open row began */
    size_t row_bytes;
    enum csv_fault fault;
};

static void on_cell(void *bytes, size_t n, void *arg)
{
    struct csv_reader *reader = arg;
    struct sv cell = {bytes, n};

    if (reader->cell_count > CSV_CELLS)
        return; /* told as one too many */
    if (n && memchr(bytes, '\0', n)) {
        struct str *text = str_new_in(reader->arena, n * 3);

        for (size_t i = 0; i < n; i++)
            str_add(text, cell.p[i] ? (struct sv){cell.p + i, 1} : SV("\xef\xbf\xbd"));
        reader->has_nul = true;
        cell = str_view(text);
    }
    reader->cells[reader->cell_count++] = arena_copy(reader->arena, cell);
}

static void on_row(int terminator, void *arg)
{
    struct csv_reader *reader = arg;

    (void)terminator;
    reader->is_whole = true;
}

struct csv_reader *csv_reader_new(char separator)
{
    struct csv_reader *reader = x_calloc(1, sizeof *reader);

    ENSURE(csv_init(&reader->parser, 0) == 0);
    csv_set_delim(&reader->parser, (unsigned char)separator);
    csv_set_realloc_func(&reader->parser, x_realloc);
    csv_set_free_func(&reader->parser, x_free);
    reader->separator = separator;
    reader->arena = arena_new(CSV_ROW_BYTES * 4);
    reader->line = 1;
    return reader;
}

void csv_reader_free(struct csv_reader *reader)
{
    if (!reader)
        return;
    csv_free(&reader->parser);
    arena_free(reader->arena);
    x_free(reader);
}

static void forget_row(struct csv_reader *reader)
{
    arena_reset(reader->arena);
    reader->cell_count = 0;
    reader->has_nul = false;
    reader->is_whole = false;
}

/* The text up to and with the next end of a line. */
static struct sv next_line(struct sv text)
{
    size_t n = 0;

    while (n < text.n && text.p[n] != '\n' && text.p[n] != '\r')
        n++;
    return sv_head(text, n + 1);
}

/* libcsv drops white space and ends of lines before a row. */
static bool begins_row(const struct csv_reader *reader, struct sv piece)
{
    for (size_t i = 0; i < piece.n; i++) {
        if (piece.p[i] == reader->separator || !strchr(" \t\r\n", piece.p[i]) || !piece.p[i])
            return true;
    }
    return false;
}

static void count_line(struct csv_reader *reader, struct sv piece)
{
    char last = piece.p[piece.n - 1];
    bool ends_crlf = piece.n == 1 && last == '\n' && reader->after_cr;

    if ((last == '\n' && !ends_crlf) || last == '\r')
        reader->line++;
    reader->after_cr = last == '\r';
}

static void feed(struct csv_reader *reader, struct sv piece)
{
    if (!reader->is_open && begins_row(reader, piece)) {
        reader->is_open = true;
        reader->row_line = reader->line;
        reader->row_bytes = 0;
    }
    reader->row_bytes += piece.n;
    if (reader->is_open && reader->row_bytes > CSV_ROW_BYTES) {
        reader->fault = CSV_FAULT_ROW_TOO_LARGE;
        return;
    }
    if (csv_parse(&reader->parser, piece.p, piece.n, on_cell, on_row, reader) != piece.n)
        die("libcsv: %s", csv_strerror(csv_error(&reader->parser)));
    count_line(reader, piece);
}

/* Gives the row that has just become whole, unless all of its cells are empty. */
static bool take_row(struct csv_reader *reader, struct csv_row *out)
{
    bool is_empty = true;

    if (!reader->is_whole)
        return false;
    reader->is_open = false;
    for (size_t i = 0; i < reader->cell_count; i++)
        is_empty = is_empty && reader->cells[i].n == 0;
    *out = (struct csv_row){reader->row_line, reader->cells, reader->cell_count, reader->has_nul};
    if (is_empty)
        forget_row(reader);
    return !is_empty;
}

bool csv_read(struct csv_reader *reader, struct sv *text, struct csv_row *out)
{
    if (reader->is_whole)
        forget_row(reader);
    while (text->n && !reader->fault) {
        struct sv piece = next_line(*text);

        feed(reader, piece);
        *text = sv_skip(*text, piece.n);
        if (take_row(reader, out))
            return true;
    }
    return false;
}

bool csv_read_end(struct csv_reader *reader, struct csv_row *out)
{
    if (reader->fault)
        return false;
    if (reader->is_whole)
        forget_row(reader);
    ENSURE(csv_set_opts(&reader->parser, CSV_STRICT | CSV_STRICT_FINI) == 0);
    if (csv_fini(&reader->parser, on_cell, on_row, reader) != 0) {
        reader->fault = CSV_FAULT_UNCLOSED_QUOTE;
        return false;
    }
    return take_row(reader, out);
}

enum csv_fault csv_reader_fault(const struct csv_reader *reader, uint64_t *out_line)
{
    *out_line = reader->row_line;
    return reader->fault;
}

char csv_separator(struct sv text)
{
    static const char separators[] = {',', ';', '\t', '|'};
    size_t counts[COUNT_OF(separators)] = {0};
    bool is_quoted = false;
    bool has_begun = false;
    size_t best = 0;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (c == '"')
            is_quoted = !is_quoted;
        if (!is_quoted && (c == '\n' || c == '\r') && has_begun)
            break;
        has_begun = has_begun || (c != '\n' && c != '\r' && c != ' ');
        for (size_t s = 0; s < COUNT_OF(separators) && !is_quoted; s++)
            counts[s] += c == separators[s];
    }
    for (size_t s = 1; s < COUNT_OF(separators); s++) {
        if (counts[s] > counts[best])
            best = s;
    }
    return separators[best];
}
