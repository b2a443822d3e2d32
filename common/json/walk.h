/* The walk over a parsed body, side by side with its table, and the list of what it finds wrong.
 * Private to common/json; the only header that shows jansson's types. */
#ifndef KITH_JSON_WALK_H
#define KITH_JSON_WALK_H

#include <jansson.h>

#include "json/bind.h"

/* A step from a value to a member or an item of it; the steps up make its pointer. */
struct path {
    const struct path *up; /* NULL: the body itself */
    struct sv key;
    size_t index;
    bool is_index;
};

#define PATH_KEY_BYTES ((size_t)256) /* a pointer stops before a key longer than that */

/* RFC 6901, with "~" and "/" escaped; NULL is the whole body, "". */
struct sv path_pointer(struct arena *arena, const struct path *path);

/* What a sentence about it starts with: the pointer, or words where that is empty or long. */
struct sv path_subject(struct sv pointer);

struct walk {
    struct arena *arena;
    struct json_fault *faults; /* JSON_FAULTS of them, from the first one on */
    size_t fault_count;
    bool faults_cut;
};

/* Notes "<pointer> <why>."; past JSON_FAULTS only that there was more. */
KITH_PRINTF(4, 5)
void walk_refuse(struct walk *w, const struct path *path, enum json_fault_code code,
                 const char *fmt, ...);

/* True when nothing more would be noted: the walk ends at once. */
bool walk_is_full(const struct walk *w);

/* Decodes an object into `values`, as many as the table has fields; returns which are present.
 * `path` is the object's own. */
uint64_t walk_object(struct walk *w, const struct json_table *table, enum json_mode mode,
                     json_t *object, const struct path *path, struct json_value *values);

/* Compact JSON of any tree; each real is the shortest text that reads back as the same double. */
void tree_emit(struct emit *e, const json_t *tree);

#endif
