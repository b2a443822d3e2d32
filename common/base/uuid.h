/* UUIDs (RFC 9562). Every id of Kith is a version 7: its first 48 bits are the real time in
 * milliseconds, so that ids sort by creation and index pages stay dense. */
#ifndef KITH_BASE_UUID_H
#define KITH_BASE_UUID_H

#include "base/sv.h"

#define UUID_TEXT_LENGTH 36

struct uuid {
    char text[UUID_TEXT_LENGTH + 1]; /* lower case, NUL at the end */
};

/* Within one process later ids are greater: the 12 bits behind the time count. */
struct uuid uuid7_new(void);

/* Version 4: where even the time of creation would tell something (anonymous answers). */
struct uuid uuid4_new(void);

/* Any version, 8-4-4-4-12 hexadecimal digits, any case; out is lower case. */
KITH_MUST_CHECK bool uuid_parse(struct sv text, struct uuid *out);
struct sv uuid_view(const struct uuid *id);

#endif
