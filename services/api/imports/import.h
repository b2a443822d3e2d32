/* Imports: what a file's columns mean, and what becomes of its rows.
 *
 * A resource with an `import_key` can be imported. POST /v1/imports takes the file as it is and
 * stores it in pieces; the importer of some child reads it later, row by row, against the
 * declaration, and the server's functions (sql/functions/90_imports.sql) apply the rows. */
#ifndef KITH_API_IMPORT_H
#define KITH_API_IMPORT_H

#include "base/str.h"
#include "base/uuid.h"
#include "csv/encoding.h"
#include "csv/reader.h"
#include "resource.h"
#include "json/emit.h"
#include "json/rows.h"

#define IMPORT_BYTES_MOST     MB(256) /* of a file; KITH_IMPORT_BYTES is what is allowed */
#define IMPORT_ROWS_MOST      1000000
#define IMPORT_ARRAY_MOST     10000 /* items of a JSON array; who has more sends lines */
#define IMPORT_STEP_ROWS_MOST 5000
#define IMPORT_STAGE_ROWS     500    /* that go to the database in one unit … */
#define IMPORT_STAGE_BYTES    MB(2)  /* … unless they are larger than these together */
#define IMPORT_HEAD_BYTES     KB(64) /* the first row, with the columns' names, ends within these */
#define IMPORT_LIST_MARK      ';'    /* between the items of a list in a cell */
#define IMPORT_CUSTOM         200    /* fields of the district's own that a file says */
#define IMPORT_NAMES          (RESOURCE_FIELDS + IMPORT_CUSTOM)  /* in a mapping, and the like */
#define IMPORT_CUSTOM_NAMED   (3 * IMPORT_NAMES + IMPORT_CUSTOM) /* by all of these, or are there */

/* A field of the district's own, by the name that exports give its column. */
struct import_custom {
    struct sv name;     /* "custom.motto" */
    struct sv column;   /* or empty */
    struct sv constant; /* or NULL */
    struct sv new_type; /* the import makes the field; or empty */
    struct sv type;     /* of one that is there, or empty */
    size_t at;          /* the cell, or IMPORT_NOWHERE */
};

/* What the client says about the file, of the query. */
struct import_options {
    const struct resource *resource;
    bool is_dry_run;
    bool clears;   /* an empty cell makes a field null; else it says nothing */
    struct sv key; /* one alternative of the resource's import_key, or empty: all of them */
    struct sv columns[RESOURCE_FIELDS];   /* by field: the column's name, or empty */
    struct sv constants[RESOURCE_FIELDS]; /* by field: what holds for every row, or NULL */
    struct import_custom *custom; /* with IMPORT_CUSTOM_NAMED places; NULL: its kind has none */
    size_t custom_count;
    bool knows_custom; /* those that the district has are among them */
};

/* Where each field's value is. */
struct import_plan {
    struct import_options options;
    size_t at[RESOURCE_FIELDS]; /* by field: the cell, or IMPORT_NOWHERE */
    size_t column_count;
    size_t plain[RESOURCE_FIELDS]; /* the fields that a plain row may say */
    size_t plain_count;
};

#define IMPORT_NOWHERE SIZE_MAX

/* The resources that can be imported, by plural. */
const struct resource *import_kind(struct sv plural);
const char *import_roles(const struct resource *resource);

/* A client may give the field a value by a column. */
bool import_takes(const struct resource_field *field);

/* Rows of it have fields of the district's own. */
bool import_takes_custom(const struct resource *resource);

/* What a cell names a row of the resource by, as import_key; NULL: its id alone. */
const char *import_ref(const struct resource *resource);

/* What a cell says instead of a figure: "NS", "*", "n<10". NULL: it is one, or a mistake. */
const char *import_why_missing(struct sv text);

/* A date or school year as the declaration has it, if the text is one that is written otherwise. */
struct sv import_as_declared(struct arena *arena, const struct resource_field *field,
                             struct sv text);

/* A line's end within a cell is U+000A, whatever the file's own is. */
struct sv import_with_line_feeds(struct arena *arena, struct sv text);

/* Reads mapping and constants, JSON objects of texts by field, and new_fields, of types by code.
 * False with *fault, whose pointer is the parameter's. */
struct import_names {
    struct sv mapping;
    struct sv constants;
    struct sv new_fields;
};
KITH_MUST_CHECK bool import_read_names(struct arena *arena, const struct import_names *names,
                                       struct import_options *options, struct json_fault *fault);

/* Fields of the district's own (custom.c). That there is one; what the query says of one, false
 * where it cannot; the cells of those that a file says, who then are all that are left; their
 * names in mappings and constants; {code: type} of those that are to be made. */
void import_know_custom(struct arena *arena, struct import_options *options, struct sv code,
                        struct sv type);
KITH_MUST_CHECK bool import_say_custom(struct import_options *options, struct sv name,
                                       size_t said_at, struct sv text);
void import_find_custom(struct arena *arena, const struct csv_row *names, struct import_plan *plan,
                        struct json_fault *faults, size_t *count);
void import_emit_custom(struct emit *e, const struct import_options *options, size_t said_at);
struct sv import_new_fields_json(struct arena *arena, const struct import_plan *plan);
bool import_makes_fields(const struct import_options *options);

/* Letter case, spaces, hyphens and underscores of a column's name do not count. */
bool import_is_like(struct sv column, struct sv name);
void import_add_fault(struct json_fault *faults, size_t *count, struct json_fault fault);

/* Finds the columns of the first row, and names those that nobody asked for. Faults are as many as
 * stand in `faults`, at most `most`. */
#define IMPORT_FAULTS RESOURCE_FIELDS
size_t import_find_columns(struct arena *arena, const struct csv_row *names,
                           struct import_plan *plan, struct json_fault *faults);

/* JSON: {field: column}, {field: constant}, and the columns' names that no field has. */
struct sv import_mapping_json(struct arena *arena, const struct import_plan *plan);
struct sv import_constants_json(struct arena *arena, const struct import_plan *plan);
struct sv import_unmapped_json(struct arena *arena, const struct import_plan *plan,
                               const struct csv_row *names);

/* What the server's functions need to know of the declaration, as JSON. */
struct sv import_spec(struct arena *arena, const struct import_plan *plan);

/* Rows on their way to the database, as import_stage_batch takes them; neither list is closed. */
struct import_batch {
    struct str *rows;  /* JSON */
    struct str *plain; /* what is plain, of a kind with import_plain */
    size_t row_count;  /* of both */
};

/* Adds the row: bound by the declaration, or with its faults. `why`: what is wrong with it as a
 * whole, or empty. */
void import_add_row(struct arena *arena, const struct import_plan *plan, const struct csv_row *row,
                    struct sv why, struct import_batch *batch);

/* Plain rows, which say nothing but what import_plain names and have no fault (plain.c). `said`: by
 * field, the text, or NULL. */
struct import_plain_row {
    int64_t line;
    struct uuid id;
    struct sv cells; /* JSON */
    const struct sv *said;
};
void import_find_plain(struct import_plan *plan);
bool import_is_plain(const struct import_plan *plan, const struct sv *said);
void import_add_plain(struct str *out, const struct import_plan *plan,
                      const struct import_plain_row *row);

/* How rows come. Objects have a separator, too, by which an import keeps what it is. */
enum import_form_kind { IMPORT_CSV, IMPORT_ARRAY, IMPORT_LINES };
struct import_form {
    const char *media_type;
    char separator; /* 0: of CSV, as it is found out */
    enum import_form_kind kind;
};
extern const char import_media_types[];                         /* all of them */
const struct import_form *import_form_of(struct sv media_type); /* NULL: none */
const struct import_form *import_form_by(char separator);

/* Objects: their reader, freed with the arena; the names that their members may have, in place of a
 * first row; and the cells of one. False: it is at fault as a whole. */
struct json_rows *import_rows_new(struct arena *arena, const struct import_form *form);
struct csv_row import_object_names(struct arena *arena, const struct import_plan *plan);
KITH_MUST_CHECK bool import_object_row(struct arena *arena, const struct json_row *object,
                                       const struct csv_row *names, struct csv_row *out,
                                       struct sv *out_why);

/* The text of a file's first bytes, its separator, and its first row; false when there is none. */
struct import_head {
    char separator;
    struct csv_reader *reader; /* freed with the arena */
    struct csv_row names;
};
KITH_MUST_CHECK bool import_read_head(struct arena *arena, struct sv bytes, bool is_all,
                                      enum csv_encoding encoding, struct import_head *out);

const char *import_separator_name(char separator);
char import_separator_of(struct sv name);

/* Parsing, binding and applying, a step at a time, whatever process began it. */
struct importer;
struct publisher;
struct loop;
struct api_config;

struct importer *importer_new(struct loop *loop, const struct api_config *config,
                              struct publisher *publisher);
void importer_free(struct importer *importer);

/* There is work: it looks now and not in a second. */
void importer_wake(struct importer *importer);

STEP(import_post);
STEP(import_rows);
extern const struct json_table import_rows_table;

#endif
