/* What a file is, by its bytes and not by its name: the kinds that are taken as attachments. */
#ifndef KITH_API_FILE_TYPE_H
#define KITH_API_FILE_TYPE_H

#include "base/sv.h"

#define FILE_TYPE_HEAD_BYTES KB(64) /* at the beginning, by which it is known */

struct file_type {
    const char *media_type;
    bool
        is_text; /* known by having no control characters; any text may be called by each of them */
};

/* Ends in a row without a media type. */
extern const struct file_type file_types[];

/* NULL: none of them. */
const struct file_type *file_type_of(struct sv head, bool is_text);
const struct file_type *file_type_named(struct sv media_type);

/* No control characters but those that lines are made of. */
bool file_is_text(struct sv bytes);

#endif
