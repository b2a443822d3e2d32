/* Which statements are prepared on one connection, by name. Inside of this folder.
 *
 * An entry is made when its PREPARE is sent, and taken back when that fails: what is sent later
 * comes later. Of the statements that are assembled at run time at most PREPARED_SHAPES are kept;
 * the one not used for longest gives way. */
#ifndef KITH_DB_PREPARE_H
#define KITH_DB_PREPARE_H

#include "base/list.h"
#include "db/statement.h"

#define PREPARED_SHAPES  64
#define PREPARED_BUCKETS 128
#define PREPARED_NAME    63 /* with its NUL */

struct prepared_set {
    struct list buckets[PREPARED_BUCKETS];
    struct list shapes; /* of assembled statements, the latest used last */
    size_t shape_count;
    bool is_stale; /* the server has lost or outlived what it holds: DEALLOCATE ALL comes next */
};

void prepared_init(struct prepared_set *set);
void prepared_clear(struct prepared_set *set);

/* The sequence of the segment that prepared it, or 0; counts as a use. */
uint64_t prepared_find(struct prepared_set *set, const struct db_statement *statement);
void prepared_add(struct prepared_set *set, const struct db_statement *statement,
                  uint64_t sequence);

/* Takes back what the segment of this sequence was to prepare. */
void prepared_remove(struct prepared_set *set, uint64_t sequence);

/* When a further shape would be one too many: takes out the one not used for longest and puts its
 * name into out. */
bool prepared_evict(struct prepared_set *set, char out[PREPARED_NAME]);

#endif
