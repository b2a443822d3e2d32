/* Who listens to events, of all children together: a seat for each stream, in memory that they
 * share, so that a limit is one whichever child a connection reaches.
 *
 * A seat is taken first and counted then: of two who take the last one at once both may be refused,
 * and never more than the limit sit. A child that ends leaves its seats to the next one in its
 * slot, which frees them. */
#ifndef KITH_API_SEATS_H
#define KITH_API_SEATS_H

#include "base/uuid.h"

struct seats;

enum seats_answer { SEATS_TAKEN, SEATS_FULL, SEATS_OF_USER };

/* In the parent, before any fork: `most` of all, `of_user` of one person. Freeing is for each
 * process on its own. */
struct seats *seats_new(size_t most, size_t of_user);
void seats_free(struct seats *seats);

/* In a child, at its start. */
void seats_begin(struct seats *seats, size_t slot);

/* Takes a seat for a user; out_seat is what seats_leave is told. */
enum seats_answer seats_take(struct seats *seats, size_t slot, const struct uuid *user,
                             size_t *out_seat);
void seats_leave(struct seats *seats, size_t seat);

#endif
