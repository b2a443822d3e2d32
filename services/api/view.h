/* What of a representation a reader asks for, and what it wants embedded:
 *
 *     GET /v1/programs/{id}?fields=id,name&expand=partner,program_sites
 *
 * `expand` embeds what an id refers to (partner_id as partner), and the rows of a declared `many`.
 * All of it is read by one statement, each part as its own resource's masks allow; to whom a
 * resource is closed, its part is null. */
#ifndef KITH_API_VIEW_H
#define KITH_API_VIEW_H

#include "db/statement.h"
#include "resource.h"

#define QUERY_SHOWN_BYTES     64 /* of what a client wrote, in an error */
#define VIEW_EXPANDS          RESOURCE_EMBEDS
#define VIEW_EMBEDDED         100 /* rows of a `many`, in the representation of one */
#define VIEW_EMBEDDED_IN_LIST 10  /* the same, in each row of a list */

struct view {
    const struct resource_ready *ready;
    uint64_t fields; /* by their places among the resource's; 0: all of them */
    const struct resource_expand *expands[VIEW_EXPANDS];
    size_t expand_count;
};

/* Reads a parameter's value; the empty view, or what is wrong with it ("must be …"). */
struct sv view_read_fields(struct arena *arena, struct view *view, struct sv value);
struct sv view_read_expand(struct arena *arena, struct view *view, struct sv value);

/* Nothing is asked for: the representation is the usual one. */
bool view_is_whole(const struct view *view);
bool view_has(const struct view *view, size_t field);

/* The representation, an SQL expression over the table's alias t. */
void view_add_body(struct str *sql, const struct view *view, size_t embedded_most);

/* The statement that gets one such representation: $1 id. */
const struct db_statement *view_get_statement(struct arena *arena, const struct view *view);

/* The roles to whom something private shows in it, or NULL. */
const char *view_private_readers(struct arena *arena, const struct view *view);

/* A read of the view shows what is private, and is recorded. */
bool view_is_recorded(const struct view *view);

/* The names of the private fields that it shows, as an SQL text[]: of all, or (is_told) of those
 * that the row t tells something in, and of what is embedded. */
void view_add_private_names(struct str *sql, const struct view *view, bool is_told);

/* The statement that records a read of one: $1 id. */
const struct db_statement *view_record_statement(struct arena *arena, const struct view *view);

/* Tells views apart; 0 for the whole. */
uint32_t view_hash(const struct view *view);

#endif
