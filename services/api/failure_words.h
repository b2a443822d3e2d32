/* What a client is told of a value that a CHECK of the database has refused. */
#ifndef KITH_API_FAILURE_WORDS_H
#define KITH_API_FAILURE_WORDS_H

#include "base/sv.h"

/* What is wrong with the constraint's field, as the rest of a sentence that begins with its name.
 */
const char *failure_words(struct sv constraint);

#endif
