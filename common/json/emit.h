/* A streaming JSON writer into a str: commas, escapes and nesting are its work, memory and the
 * limit are the str's. Building a tree of nodes to print a list is what this is instead of.
 *
 * What comes out is always one well-formed document, or the str has failed: a key without a value,
 * an end that does not match its begin, and a second top-level value are our bugs and die. */
#ifndef KITH_JSON_EMIT_H
#define KITH_JSON_EMIT_H

#include "base/str.h"

#define EMIT_DEPTH 32 /* objects and arrays open at once */

struct emit {
    struct str *out;
    uint32_t objects; /* bit n: the level n + 1 is an object, otherwise an array */
    uint32_t filled;  /* bit n: that level has a member or an item already */
    unsigned depth;
    bool after_key;
    bool complete;
};

/* The str stays the caller's. What it holds already stays in front. */
void emit_init(struct emit *e, struct str *out);

/* Ends the document. False when the str has failed on the way: what it holds is cut. */
KITH_MUST_CHECK bool emit_finish(struct emit *e);

void emit_object_begin(struct emit *e);
void emit_object_end(struct emit *e);
void emit_array_begin(struct emit *e);
void emit_array_end(struct emit *e);

/* Within an object, before each value. */
void emit_key(struct emit *e, struct sv key);

/* Ill-formed UTF-8 is written as U+FFFD: a reply stays readable whatever we did wrong before. */
void emit_text(struct emit *e, struct sv text);
void emit_i64(struct emit *e, int64_t value);
void emit_bool(struct emit *e, bool value);
void emit_null(struct emit *e);

/* Bytes that are one JSON value already, as PostgreSQL's. They are not looked at. */
void emit_raw(struct emit *e, struct sv json);

/* For measurements only, with 0 to 9 digits after the point; what is not finite becomes null.
 * Money and rates are integers, or text from PostgreSQL. */
void emit_decimal(struct emit *e, double value, int decimals);

#endif
