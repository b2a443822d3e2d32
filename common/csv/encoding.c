/* Sniffing and decoding. */
#include "csv/encoding.h"

#include <string.h>

static const char *const names[ENCODING_COUNT] = {
    [ENCODING_UTF8] = "utf-8",
    [ENCODING_UTF8_BOM] = "utf-8-bom",
    [ENCODING_UTF16LE] = "utf-16le",
    [ENCODING_UTF16BE] = "utf-16be",
    [ENCODING_WINDOWS_1252] = "windows-1252",
};

const char *csv_encoding_name(enum csv_encoding encoding)
{
    ENSURE(encoding < ENCODING_COUNT);
    return names[encoding];
}

bool csv_encoding_of(struct sv name, enum csv_encoding *out)
{
    for (unsigned i = 0; i < ENCODING_COUNT; i++) {
        if (sv_eq(name, sv_of(names[i]))) {
            *out = (enum csv_encoding)i;
            return true;
        }
    }
    return false;
}

/* The table of well-formed UTF-8, RFC 3629: what may follow a first byte. */
static bool begin_character(struct csv_sniff *sniff, unsigned char byte)
{
    sniff->least = 0x80;
    sniff->most = 0xbf;
    if (byte < 0x80)
        return true;
    if (byte < 0xc2 || byte > 0xf4)
        return false;
    sniff->rest = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if (byte == 0xe0)
        sniff->least = 0xa0;
    if (byte == 0xed)
        sniff->most = 0x9f;
    if (byte == 0xf0)
        sniff->least = 0x90;
    if (byte == 0xf4)
        sniff->most = 0x8f;
    return true;
}

static bool follow_character(struct csv_sniff *sniff, unsigned char byte)
{
    bool follows = byte >= sniff->least && byte <= sniff->most;

    sniff->rest--;
    sniff->least = 0x80;
    sniff->most = 0xbf;
    return follows;
}

void csv_sniff(struct csv_sniff *sniff, struct sv bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char byte = (unsigned char)bytes.p[i];

        if (sniff->seen < sizeof sniff->first)
            sniff->first[sniff->seen++] = byte;
        else if (sniff->is_ill_formed)
            return;
        if (!sniff->is_ill_formed)
            sniff->is_ill_formed =
                sniff->rest ? !follow_character(sniff, byte) : !begin_character(sniff, byte);
    }
}

enum csv_encoding csv_sniffed(const struct csv_sniff *sniff)
{
    if (sniff->seen >= 2 && memcmp(sniff->first, "\xff\xfe", 2) == 0)
        return ENCODING_UTF16LE;
    if (sniff->seen >= 2 && memcmp(sniff->first, "\xfe\xff", 2) == 0)
        return ENCODING_UTF16BE;
    if (sniff->seen >= 3 && memcmp(sniff->first, "\xef\xbb\xbf", 3) == 0)
        return ENCODING_UTF8_BOM;
    return sniff->is_ill_formed || sniff->rest ? ENCODING_WINDOWS_1252 : ENCODING_UTF8;
}

static void add_bad(struct str *out)
{
    str_add_char(out, (char)0xff);
}

static void add_character(struct str *out, uint32_t c)
{
    if (c < 0x80) {
        str_add_char(out, (char)c);
        return;
    }
    if (c < 0x800) {
        str_add_char(out, (char)(0xc0 | c >> 6));
    } else {
        if (c < 0x10000) {
            str_add_char(out, (char)(0xe0 | c >> 12));
        } else {
            str_add_char(out, (char)(0xf0 | c >> 18));
            str_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
        }
        str_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
    }
    str_add_char(out, (char)(0x80 | (c & 0x3f)));
}

/* Of 0x80 to 0x9f; the five that have no character are controls (WHATWG Encoding). */
static const uint16_t windows_1252[32] = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

static void add_windows_1252(struct str *out, unsigned char byte)
{
    add_character(out, byte >= 0x80 && byte < 0xa0 ? windows_1252[byte - 0x80] : byte);
}

static void add_utf16(struct csv_decoder *decoder, uint32_t unit, struct str *out)
{
    bool is_low = unit >= 0xdc00 && unit < 0xe000;

    if (decoder->high && is_low) {
        add_character(out, 0x10000 + ((decoder->high - 0xd800) << 10) + (unit - 0xdc00));
        decoder->high = 0;
        return;
    }
    if (decoder->high)
        add_bad(out);
    decoder->high = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
    if (is_low)
        add_bad(out);
    else if (!decoder->high)
        add_character(out, unit);
}

static void decode_utf16(struct csv_decoder *decoder, struct sv bytes, struct str *out)
{
    bool is_little = decoder->encoding == ENCODING_UTF16LE;

    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char *pair = decoder->carried;
        uint32_t unit;

        pair[decoder->carried_count++] = (unsigned char)bytes.p[i];
        if (decoder->carried_count < 2)
            continue;
        decoder->carried_count = 0;
        unit = is_little ? (uint32_t)(pair[1] << 8 | pair[0]) : (uint32_t)(pair[0] << 8 | pair[1]);
        if (decoder->is_begun)
            add_utf16(decoder, unit, out);
        decoder->is_begun = true; /* the first one is the mark */
    }
}

/* Leaves the three bytes of the mark out, however they are cut. */
static void decode_utf8_bom(struct csv_decoder *decoder, struct sv bytes, struct str *out)
{
    size_t skipped = decoder->is_begun ? 0 : size_min(3 - decoder->carried_count, bytes.n);

    decoder->carried_count += skipped;
    decoder->is_begun = decoder->carried_count == 3 || decoder->is_begun;
    if (decoder->is_begun)
        decoder->carried_count = 0;
    str_add(out, sv_skip(bytes, skipped));
}

void csv_decode(struct csv_decoder *decoder, struct sv bytes, struct str *out)
{
    switch (decoder->encoding) {
    case ENCODING_UTF8:
        str_add(out, bytes);
        return;
    case ENCODING_UTF8_BOM:
        decode_utf8_bom(decoder, bytes, out);
        return;
    case ENCODING_UTF16LE:
    case ENCODING_UTF16BE:
        decode_utf16(decoder, bytes, out);
        return;
    case ENCODING_WINDOWS_1252:
        for (size_t i = 0; i < bytes.n; i++)
            add_windows_1252(out, (unsigned char)bytes.p[i]);
        return;
    case ENCODING_COUNT:
        break;
    }
    die("no such encoding");
}

void csv_decode_end(struct csv_decoder *decoder, struct str *out)
{
    bool is_utf16 = decoder->encoding == ENCODING_UTF16LE || decoder->encoding == ENCODING_UTF16BE;

    if (is_utf16 && (decoder->high || decoder->carried_count))
        add_bad(out);
    decoder->high = 0;
    decoder->carried_count = 0;
}
