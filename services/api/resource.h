/* A resource, declared once. From its rows follow what a body may hold, the statements that read
 * and write it, filters, sorts, and (as they come) the API's document, CSV and the permission
 * tests.
 *
 *     static const struct resource_field fields[] = {
 *         {JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = 200), FIELD_SORTS},
 *         {JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), FIELD_FILTERS},
 *     };
 *
 * A field is a column of the resource's table unless `sql` says how it is derived. Every resource
 * has, before its own fields, id, version, created_at, updated_at and archived_at; a record, which
 * is never changed, the id alone. */
#ifndef KITH_API_RESOURCE_H
#define KITH_API_RESOURCE_H

#include "db/statement.h"
#include "http/req.h"
#include "scope.h"
#include "json/bind.h"

/* json_build_object takes 100 arguments: 50 members, those that are embedded with them. */
#define RESOURCE_FIELDS  48
#define RESOURCE_EMBEDS  4  /* at once */
#define RESOURCE_EXPANDS 16 /* that there may be */

struct resource_action;
struct action_ready;

enum resource_use {
    FIELD_FILTERS = 1 << 0, /* name=value, or several: name=a,b */
    FIELD_RANGES = 1 << 1,  /* name[gte]=, [gt], [lte], [lt] */
    FIELD_SORTS = 1 << 2,   /* sort=name; the column is NOT NULL and an index leads to it */
    FIELD_IMPORTS = 1 << 3, /* read-only; but a file may say it of what it makes */
    FIELD_FIGURES = 1 << 4, /* a file may have a word in its place, which says why there is none */
    FIELD_SHARES = 1 << 5,  /* the same; and a percentage, which import_before makes a number of */
    FIELD_REASONS = 1 << 7, /* that word alone */
    FIELD_YEARS = 1 << 8,   /* a school year, which a file may write "2026-27" */
    FIELD_SERVES = 1 << 6,  /* the user who sees to it: nobody who has left */
};

struct resource_field {
    struct json_field json;
    unsigned use;
    const char
        *readers; /* roles that may read it, comma-separated; NULL: every reader. Others get null */
    bool is_private;   /* whoever may read it is looked up for every read, never remembered, and
                          nobody else writes it */
    const char *owned; /* SQL over t: whoever it is true for reads and writes it, too */
    const char *create_default; /* SQL for a field that a create leaves out; NULL: NULL */
    const char *sql; /* derived: an expression over the table's alias t; NULL: its column */
    const char *row; /* derived over this, too, which is always one row: neighbors may share it */
    const struct resource
        *ref; /* of an id: what it refers to; expand=partner embeds partner_id's */
};

/* Rows of another resource that refer to this one: expand=programs embeds them. */
struct resource_many {
    const char *name;
    const struct resource *of;
    const char *by; /* its field that holds our id */
};

/* What clients may do with it by the usual routes. */
enum resource_operation {
    RESOURCE_READ = 1 << 0, /* a list, and one */
    RESOURCE_CREATE = 1 << 1,
    RESOURCE_PATCH = 1 << 2,
    RESOURCE_ARCHIVE = 1 << 3,
    RESOURCE_RESTORE = 1 << 4,
};

struct resource {
    const char *name;   /* "partner" */
    const char *table;  /* or view; NULL: of the same name */
    const char *plural; /* "partners" */
    const char *doc;    /* a sentence for the API's document */
    const char *readers;
    const char *writers;
    const char *watchers;     /* who hears of its changes, where not each reader reads each row */
    unsigned operations;      /* 0: all */
    struct scope scope;       /* which of its rows they write */
    const char *default_sort; /* NULL: "created_at" */
    bool has_saved_filters;   /* saved_filter= finds what one of them says: filter_fields() knows */
    const char *searched;     /* SQL: the kinds that q= looks among, as text[]; NULL: no q= */
    const struct resource_field *fields;
    size_t field_count;
    const struct resource_field *links; /* filters that are no fields: `sql` gives the ids of those
                                           found, and ends in the column that is compared */
    size_t link_count;
    const struct resource_action *actions; /* action.h */
    size_t action_count;
    bool has_transitions;   /* GET /v1/<plural>/{id}/transitions */
    const char *status;     /* the field that its transitions move; NULL: "status" */
    const char *import_key; /* what rows of a file are known by: alternatives "ein|~name", each one
                               field or several with commas; "~": letter case and white space do
                               not count; "site_id?": none is as good as any. NULL: it cannot be
                               imported */
    const char *import_ref; /* what others' files name it by; NULL: the last field of each
                               alternative of import_key */
    const char *import_before;  /* SQL function that readies rows once their references are known */
    const char *import_at_once; /* SQL function that writes what is plain and new of many rows,
                                   which wait in batches for it */
    const char *import_plain;   /* with import_at_once: the fields of which a plain row says some,
                                   in the order of the SQL type import_<name> */
    const char *import_within;  /* fields that tell a row's few neighbors in a table of millions */
    const char *importers;      /* NULL: ROLES_PROGRAM */
    bool is_superseded;  /* a correction is a row of its own, which takes the place of another */
    bool is_rewritten;   /* by the thousand: not listed by updated_at, as an index of what changes
                            would have all of them written anew */
    bool is_record;      /* append-only: of the common fields it has the id alone, and no version */
    const char *whose;   /* whoever "cares for it" changes one that no grant covers, as own_rows()
                            of sql/functions has it; NULL: nobody */
    bool owners_write;   /* rows of it that are private: those who own what they are of, too */
    bool records_reads;  /* who reads what is private in it stands in the audit log */
    const char *missing; /* SQL, over t and v.action: what an action still needs, as text[] */
    bool changes_by_day; /* a derived value, without a version: a read's ETag tells */
    const struct resource_many *many; /* ends in a row without a name; NULL: none */
    struct resource_ready *ready;     /* what resource_prepare made of it */
};

/* What a declaration's tables are in it, with their counts; RESOURCE_TRANSITIONS, where some of the
 * actions move its status. */
#define RESOURCE_ROWS(rows)        .fields = (rows), .field_count = COUNT_OF(rows)
#define RESOURCE_LINKS(rows)       .links = (rows), .link_count = COUNT_OF(rows)
#define RESOURCE_ACTIONS(rows)     .actions = (rows), .action_count = COUNT_OF(rows)
#define RESOURCE_TRANSITIONS(rows) RESOURCE_ACTIONS(rows), .has_transitions = true

/* A field that refers to another resource, by which lists are filtered:
 * REFERENCE("site_id", site, FIELD_REQUIRED, .doc = "Where it is.") */
#define REFERENCE(field_name, resource, ...)                                           \
    {                                                                                  \
        .json = JSON_FIELD(field_name, FIELD_UUID, __VA_ARGS__), .use = FIELD_FILTERS, \
        .ref = &res_##resource                                                         \
    }

/* The same of the user who sees to something. */
#define SERVING(field_name, ...)                                 \
    {                                                            \
        .json = JSON_FIELD(field_name, FIELD_UUID, __VA_ARGS__), \
        .use = FIELD_FILTERS | FIELD_SERVES, .ref = &res_user    \
    }

/* What may be embedded. */
struct resource_expand {
    const char *name;
    const struct resource *of;
    const char *key; /* our field that refers to it, or its field that refers to us */
    bool is_many;
};

/* Adds who may write which rows, as sentences. */
void resource_add_rule(struct str *out, const struct resource *resource);

/* Made of the declaration once, before any fork. */
struct resource_ready {
    const struct resource *resource;
    struct resource_field fields[RESOURCE_FIELDS]; /* the common ones first */
    size_t field_count;
    struct json_field json_fields[RESOURCE_FIELDS];
    struct json_table table;
    struct resource_expand expands[RESOURCE_EXPANDS];
    size_t expand_count;
    const char *private_readers; /* roles that read its private fields, or NULL */
    const char *own_writers;     /* roles that write what is private of it, owners with them; NULL:
                                    its writers */
    const char *body_sql;        /* the representation, an expression over t */
    struct db_statement get;
    struct arena *kept;                     /* what is made once, NULL: nothing */
    const struct db_statement *record_read; /* of all of it; NULL: nothing is recorded (view.h) */
    /* The same, and stores it as the reply to an idempotency key: if this unit wrote it, or anyway.
     */
    struct db_statement get_and_keep;
    struct db_statement get_and_keep_any;
    struct db_statement transitions; /* $1 id */
    struct db_statement create;      /* $1 id, then the writable fields in order */
    struct db_statement refuse_same; /* $1 id: KI304 when what it supersedes says the same */
    struct db_statement patch;       /* $1 id, $2 mask, $3 version, then the writable fields */
    struct db_statement archive;     /* $1 id, $2 version */
    struct db_statement restore;
    struct db_statement reach; /* $1 id: a row when the unit's scope covers it */
    struct action_ready *actions;
};

void resource_prepare(struct resource *resource);

/* A client may set it, at create or by PATCH. */
bool resource_field_is_writable(const struct resource_field *field);

/* The field of that name, or NULL. */
const struct resource_field *resource_field_find(const struct resource_ready *ready,
                                                 struct sv name);

/* The field or link of that name that a list may be asked by, or NULL. */
const struct resource_field *resource_filter_find(const struct resource_ready *ready,
                                                  struct sv name);
bool resource_is_link(const struct resource_ready *ready, const struct resource_field *field);

/* An SQL expression over t, begun and ended: the representation of those of the fields (a bit
 * each). Members may be added between. */
void resource_begin_body(struct str *sql, const struct resource_ready *ready, uint64_t fields);
void resource_end_body(struct str *sql, const struct resource_ready *ready, uint64_t fields);

/* An SQL expression for the field's value as a representation shows it, and for a parameter of its
 * type; and, of a field with readers, whether the context is one of them. */
void resource_add_value(struct str *sql, const struct resource_field *field);
void resource_add_may_read(struct str *sql, const struct resource_field *field);
void resource_add_param(struct str *sql, const struct json_field *field, size_t number);

/* A statement made at run time, in the arena; its name is the hash of its text, so that a
 * connection prepares each shape once. */
struct db_statement *resource_assemble(struct arena *arena, const char *verb, const struct str *sql,
                                       unsigned param_count, enum db_shape shape);

/* The handlers of the usual routes; route.what is the resource's `ready`. */
STEP(resource_get);
STEP(resource_list);
STEP(resource_create);
STEP(resource_patch);
STEP(resource_archive);
STEP(resource_restore);

#endif
