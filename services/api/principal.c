/* The principals remembered: a hash table and a list from the longest unused to the last used. */
#include "principal.h"

#include <string.h>

#include "base/list.h"

#define BUCKETS 16384u /* a power of two */

struct entry {
    struct list used;
    struct entry *next;
    struct principal principal;
};

struct principals {
    struct entry *buckets[BUCKETS];
    struct list used;
    size_t count;
};

struct principals *principals_new(void)
{
    struct principals *all = x_calloc(1, sizeof *all);

    list_init(&all->used);
    return all;
}

/* The token's hash is random already: some of its digits choose the bucket. */
static struct entry **place(struct principals *all, struct sv hash)
{
    uint32_t bucket = 0;
    struct entry **at;

    for (size_t i = 0; i < 8 && i < hash.n; i++)
        bucket = bucket << 4 | (uint32_t)char_hex_value(hash.p[i]);
    at = &all->buckets[bucket & (BUCKETS - 1)];
    while (*at && !sv_eq(sv_of((*at)->principal.hash), hash))
        at = &(*at)->next;
    return at;
}

static void drop(struct principals *all, struct entry **at)
{
    struct entry *entry = *at;

    *at = entry->next;
    list_remove(&entry->used);
    all->count--;
    x_free(entry);
}

void principals_free(struct principals *all)
{
    while (all && !list_is_empty(&all->used))
        principals_forget(all, sv_of(LIST_FIRST(&all->used, entry, used)->principal.hash));
    x_free(all);
}

const struct principal *principals_find(struct principals *all, struct sv hash, int64_t now_ms)
{
    struct entry *entry = *place(all, hash);

    if (!entry || now_ms - entry->principal.verified_ms > PRINCIPAL_FRESH_MS)
        return NULL;
    list_move(&all->used, &entry->used);
    return &entry->principal;
}

void principals_add(struct principals *all, const struct principal *principal)
{
    struct entry **at = place(all, sv_of(principal->hash));
    struct entry *entry;

    if (*at)
        drop(all, at);
    else if (all->count == PRINCIPALS)
        principals_forget(all, sv_of(LIST_FIRST(&all->used, entry, used)->principal.hash));
    entry = x_calloc(1, sizeof *entry);
    entry->principal = *principal;
    at = place(all, sv_of(principal->hash));
    entry->next = *at;
    *at = entry;
    list_append(&all->used, &entry->used);
    all->count++;
}

void principals_forget(struct principals *all, struct sv hash)
{
    struct entry **at = place(all, hash);

    if (*at)
        drop(all, at);
}

bool roles_meet(struct sv roles, struct sv needed)
{
    struct sv role;

    if (needed.n == 0)
        return true;
    while (sv_split(&roles, ',', &role)) {
        struct sv rest = needed;
        struct sv one;

        if (sv_eq(role, SV("admin")))
            return true;
        while (sv_split(&rest, ',', &one)) {
            if (one.n && sv_eq(role, one))
                return true;
        }
    }
    return false;
}
