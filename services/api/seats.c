/* Seats: an array without a lock; whose a seat is says its child's slot. */
#include "seats.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "base/log.h"

#define FREE   0u
#define TAKING 0x80000000u /* a child is about to say for whom */

struct seat {
    _Atomic uint32_t state; /* FREE, or a child's slot + 1 */
    struct uuid user;
};

struct seats {
    size_t most;
    size_t of_user;
    struct seat seats[];
};

static size_t bytes_of(size_t most)
{
    return sizeof(struct seats) + most * sizeof(struct seat);
}

struct seats *seats_new(size_t most, size_t of_user)
{
    struct seats *seats =
        mmap(NULL, bytes_of(most), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (seats == MAP_FAILED)
        die("no shared memory for those who listen to events");
    seats->most = most;
    seats->of_user = of_user;
    return seats;
}

void seats_free(struct seats *seats)
{
    if (seats)
        munmap(seats, bytes_of(seats->most));
}

void seats_begin(struct seats *seats, size_t slot)
{
    for (size_t i = 0; i < seats->most; i++) {
        if ((atomic_load(&seats->seats[i].state) & ~TAKING) == slot + 1)
            atomic_store(&seats->seats[i].state, FREE);
    }
}

/* How many seats are the user's. */
static size_t count_of(struct seats *seats, const struct uuid *user)
{
    size_t count = 0;

    for (size_t i = 0; i < seats->most; i++) {
        uint32_t state = atomic_load(&seats->seats[i].state);

        if (state != FREE && !(state & TAKING))
            count += sv_eq(uuid_view(&seats->seats[i].user), uuid_view(user));
    }
    return count;
}

enum seats_answer seats_take(struct seats *seats, size_t slot, const struct uuid *user,
                             size_t *out_seat)
{
    for (size_t i = 0; i < seats->most; i++) {
        struct seat *seat = &seats->seats[i];
        uint32_t expected = FREE;

        if (!atomic_compare_exchange_strong(&seat->state, &expected, (uint32_t)(slot + 1) | TAKING))
            continue;
        seat->user = *user;
        atomic_store(&seat->state, (uint32_t)(slot + 1));
        *out_seat = i;
        if (count_of(seats, user) <= seats->of_user)
            return SEATS_TAKEN;
        seats_leave(seats, i);
        return SEATS_OF_USER;
    }
    return SEATS_FULL;
}

void seats_leave(struct seats *seats, size_t seat)
{
    ENSURE(seat < seats->most && atomic_load(&seats->seats[seat].state) != FREE);
    atomic_store(&seats->seats[seat].state, FREE);
}
