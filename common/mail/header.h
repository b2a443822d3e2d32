/* The fields of a mail's header (RFC 5322 §2.2), folded, and what is not ASCII in encoded words
 * (RFC 2047). Private to common/mail.
 *
 *     header_begin(&h, out, "To");
 *     header_phrase(&h, SV("María Núñez"));
 *     header_token(&h, SV("<maria@example.org>"));
 *     header_end(&h);
 *
 * Texts are clean (header_is_clean) when they come here. */
#ifndef KITH_MAIL_HEADER_H
#define KITH_MAIL_HEADER_H

#include "base/str.h"

#define HEADER_LINE_BYTES \
    76 /* RFC 2047: lines with encoded words have no more; others fold there too */
#define HEADER_ENCODED_BYTES 75  /* of an encoded word */
#define HEADER_TOKEN_BYTES   900 /* so that no line has 998 */

struct header {
    struct str *out;
    size_t column;
};

/* UTF-8 without control characters: nothing that ends a line, or could be taken for its end. */
KITH_MUST_CHECK bool header_is_clean(struct sv text);

void header_begin(struct header *h, struct str *out, const char *name);

/* As it is, after a space or on a line of its own; at most HEADER_TOKEN_BYTES. */
void header_token(struct header *h, struct sv token);

/* Words for people: of a Subject. */
void header_text(struct header *h, struct sv text);

/* The name of a person in front of its address; nothing for an empty one. */
void header_phrase(struct header *h, struct sv name);

void header_end(struct header *h);

/* A whole field with one token. */
void header_add(struct str *out, const char *name, struct sv token);

#endif
