/* Which statements are prepared on one connection: a hash of names. */
#include "db/prepare.h"

#include <string.h>

struct prepared {
    struct list link; /* in its bucket */
    struct list use;  /* in set->shapes, for an assembled one */
    uint64_t sequence;
    uint32_t text_hash; /* of assembled ones: their texts come and go, their names must not lie */
    const char *text;   /* compared, never read */
    char name[PREPARED_NAME];
    bool is_assembled;
};

/* FNV-1a */
static uint32_t hash_of(const char *text)
{
    uint32_t hash = 2166136261u;

    for (const char *c = text; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    return hash;
}

static struct list *bucket_of(struct prepared_set *set, const char *name)
{
    return &set->buckets[hash_of(name) % PREPARED_BUCKETS];
}

void prepared_init(struct prepared_set *set)
{
    for (size_t i = 0; i < PREPARED_BUCKETS; i++)
        list_init(&set->buckets[i]);
    list_init(&set->shapes);
    set->shape_count = 0;
    set->is_stale = false;
}

static void remove_entry(struct prepared_set *set, struct prepared *entry)
{
    list_remove(&entry->link);
    if (entry->is_assembled) {
        list_remove(&entry->use);
        set->shape_count--;
    }
    x_free(entry);
}

void prepared_clear(struct prepared_set *set)
{
    for (size_t i = 0; i < PREPARED_BUCKETS; i++) {
        LIST_FOREACH_SAFE (link, after, &set->buckets[i]) {
            remove_entry(set, CONTAINER_OF(link, struct prepared, link));
        }
    }
    set->is_stale = false;
}

/* Two texts under one name would run the wrong one: that is a bug of whoever names them. */
static void check_text(const struct prepared *entry, const struct db_statement *statement)
{
    if (entry->text != statement->text && entry->text_hash != hash_of(statement->text))
        die("two statements are called %s", statement->name);
}

uint64_t prepared_find(struct prepared_set *set, const struct db_statement *statement)
{
    LIST_FOREACH (link, bucket_of(set, statement->name)) {
        struct prepared *entry = CONTAINER_OF(link, struct prepared, link);

        if (strcmp(entry->name, statement->name) != 0)
            continue;
        check_text(entry, statement);
        if (entry->is_assembled)
            list_move(&set->shapes, &entry->use);
        return entry->sequence;
    }
    return 0;
}

void prepared_add(struct prepared_set *set, const struct db_statement *statement, uint64_t sequence)
{
    struct prepared *entry = x_calloc(1, sizeof *entry);
    size_t n = strlen(statement->name);

    ENSURE(n > 0 && n < PREPARED_NAME);
    memcpy(entry->name, statement->name, n);
    entry->text = statement->text;
    entry->text_hash = hash_of(statement->text);
    entry->sequence = sequence;
    entry->is_assembled = statement->is_assembled;
    list_append(bucket_of(set, statement->name), &entry->link);
    list_init(&entry->use);
    if (entry->is_assembled) {
        list_append(&set->shapes, &entry->use);
        set->shape_count++;
    }
}

void prepared_remove(struct prepared_set *set, uint64_t sequence)
{
    for (size_t i = 0; i < PREPARED_BUCKETS; i++) {
        LIST_FOREACH_SAFE (link, after, &set->buckets[i]) {
            struct prepared *entry = CONTAINER_OF(link, struct prepared, link);

            if (entry->sequence == sequence)
                remove_entry(set, entry);
        }
    }
}

bool prepared_evict(struct prepared_set *set, char out[PREPARED_NAME])
{
    struct prepared *oldest = LIST_FIRST(&set->shapes, prepared, use);

    if (set->shape_count < PREPARED_SHAPES || !oldest)
        return false;
    memcpy(out, oldest->name, PREPARED_NAME);
    remove_entry(set, oldest);
    return true;
}
