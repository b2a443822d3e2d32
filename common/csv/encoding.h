/* The encoding of a text file that says nothing about it.
 *
 * Sniffing sees every byte, because the first character that is not ASCII may stand on the last
 * line. A mark of byte order decides; without one, what is well-formed UTF-8 is UTF-8, and what is
 * not is Windows-1252, which every byte is. */
#ifndef KITH_CSV_ENCODING_H
#define KITH_CSV_ENCODING_H

#include "base/str.h"

enum csv_encoding {
    ENCODING_UTF8,
    ENCODING_UTF8_BOM,
    ENCODING_UTF16LE,
    ENCODING_UTF16BE,
    ENCODING_WINDOWS_1252,
    ENCODING_COUNT
};

/* "utf-8", "utf-8-bom", "utf-16le", "utf-16be", "windows-1252". */
const char *csv_encoding_name(enum csv_encoding encoding);
KITH_MUST_CHECK bool csv_encoding_of(struct sv name, enum csv_encoding *out);

/* Starts as zeros. */
struct csv_sniff {
    unsigned char first[3];
    size_t seen;         /* of `first` */
    unsigned rest;       /* continuation bytes that the character at hand still needs */
    unsigned char least; /* of the next one */
    unsigned char most;
    bool is_ill_formed; /* as UTF-8 */
};

void csv_sniff(struct csv_sniff *sniff, struct sv bytes);
enum csv_encoding csv_sniffed(const struct csv_sniff *sniff);

/* Starts as zeros but for the encoding. */
struct csv_decoder {
    enum csv_encoding encoding;
    bool is_begun;            /* the mark is behind us */
    unsigned char carried[2]; /* bytes of a piece that ended within a character */
    size_t carried_count;
    uint32_t high; /* a surrogate that waits for its other half */
};

/* Adds the text as UTF-8. What is no character of the encoding becomes a byte that is no UTF-8, so
 * that whoever takes the cell refuses it. At most DECODED_FACTOR times the bytes are added. */
#define DECODED_FACTOR 3
void csv_decode(struct csv_decoder *decoder, struct sv bytes, struct str *out);

/* The same for what is left at the end. */
void csv_decode_end(struct csv_decoder *decoder, struct str *out);

#endif
