/* Lists: what a query may ask of a resource, and the statements that answer it.
 *
 *     GET /v1/partners?kind=nonprofit,civic&created_at[gte]=2026-07-01T00:00:00Z&tier[is]=null
 *                     &sort=-updated_at&limit=50&fields=id,name&count=exact
 *
 * A filter's values are alternatives: separated by commas (kind=a,b), or in parameters of the same
 * name (kind=a&kind=b). [eq] is the same for one value, which may have commas within.
 * q=food gives what is called so, or much alike, the best first unless another sort is asked for;
 * saved_filter={id} what a saved filter finds. All of them must hold.
 * The statement's text follows from the declaration and from the shape of the query, never from its
 * values. Pages go on by key, never by OFFSET. */
#ifndef KITH_API_LIST_H
#define KITH_API_LIST_H

#include "cursor.h"
#include "resource.h"
#include "view.h"

#define LIST_LIMIT_DEFAULT 50
#define LIST_LIMIT_MOST    200
#define LIST_FILTERS       16
#define LIST_VALUES        20 /* of one filter: kind=a,b,c */
#define LIST_SORTS         (CURSOR_KEYS - 1)
#define LIST_SEARCH        200   /* characters of q= */
#define LIST_COUNTED       10001 /* by count=exact; that many means: more than one fewer */
/* Of all filters together: the statement's parameters but for the cursor's, the search, the saved
 * filter and the limit. */
#define LIST_VALUES_IN_ALL (DB_STATEMENT_PARAMS - CURSOR_KEYS - 3)

enum list_archived { ARCHIVED_EXCLUDE, ARCHIVED_INCLUDE, ARCHIVED_ONLY };

struct list_filter {
    const struct resource_field *field;
    const char *compare; /* SQL: "=", ">=", "IS NULL" … */
    const char *values[LIST_VALUES];
    size_t value_count;
};

struct list_sort {
    const struct resource_field *field;
    bool descending;
};

/* A field of the district's own, which is a column of a file. */
struct list_custom {
    const char *id;
    const char *code;
    const char *type; /* as custom_field has it */
};

struct list_query {
    const struct resource_ready *ready;
    struct view view;
    int64_t limit;
    bool counts;
    enum list_archived archived;
    struct list_filter filters[LIST_FILTERS];
    size_t filter_count;
    size_t value_count;                 /* of all filters */
    struct list_sort sorts[LIST_SORTS]; /* without the id, which comes last always */
    size_t sort_count;
    const char *search;       /* what rows are called, or NULL */
    const char *saved_filter; /* its id, or NULL; saved_filter_check says why not */
    bool has_cursor;
    struct cursor cursor;
    uint32_t hash;                    /* of all but cursor and limit */
    const struct list_custom *custom; /* of a file that shows all fields */
    size_t custom_count;
};

/* How well a row answers a search: no field of any resource, but lists are sorted by it. */
extern const struct resource_field list_relevance;

/* What is wrong with a query, all at once; the pointer names the parameter. */
struct list_faults {
    struct json_fault faults[LIST_FILTERS];
    size_t count;
};

/* With `is_export` nothing may be asked for that makes a page: it is all rows. */
KITH_MUST_CHECK bool list_parse(struct req *r, const struct resource_ready *ready, bool is_export,
                                const struct secret_key *cursor_key, struct list_query *out,
                                struct list_faults *faults);

/* The statement and its parameters, in the arena. It reads limit + 1 rows: body, and the sort keys
 * as k0, k1 … */
const struct db_statement *list_statement(struct arena *arena, const struct list_query *query,
                                          const char ***out_params);

/* The field of custom_value that names a record of the resource; NULL: it has no custom fields. */
const char *list_custom_by(const struct resource *resource);

/* The same rows with a column for each field of the view, as text (lists and objects as JSON),
 * whose name is of the field's place; and for each custom field, by its own. */
#define LIST_CELL_NAME_BYTES 8
void list_cell_name(char out[LIST_CELL_NAME_BYTES], size_t field);
void list_custom_name(char out[LIST_CELL_NAME_BYTES], size_t custom);
const struct db_statement *list_cells_statement(struct arena *arena, const struct list_query *query,
                                                const char ***out_params);

/* The statement that records that the page was read, with how many of its rows tell something
 * private. */
const struct db_statement *list_record_statement(struct arena *arena,
                                                 const struct list_query *query,
                                                 const char ***out_params);

/* How many rows there are on all pages, counted up to `most`: total. */
const struct db_statement *list_count_statement(struct arena *arena, const struct list_query *query,
                                                int64_t most, const char ***out_params);

#endif
