/* Decoding of a request's JSON body by a table of fields.
 *
 * The table is where a resource says its fields once: here it decides what a body may hold; SQL
 * parameters, PATCH, filters, CSV and the OpenAPI schema are made from the same rows. Field order
 * is the order of the result's values and of the bits of `present`, so that an enum names them:
 *
 *     enum { PARTNER_NAME, PARTNER_EMAIL };
 *     static const struct json_field partner_fields[] = {
 *         [PARTNER_NAME] = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = 120),
 *         [PARTNER_EMAIL] = JSON_FIELD("email", FIELD_EMAIL, FIELD_NULLABLE),
 *     };
 *     static const struct json_table partner_table = JSON_TABLE("partner", partner_fields);
 *
 * Absent is not null: an absent field has its bit unset, a null one has it set and is_null. What is
 * wrong comes back all at once, each with an RFC 6901 pointer. A number with a fraction or an
 * exponent is taken by FIELD_ANY only: the parser would make a double of it, so a decimal is sent
 * as a string ("12.50") or as an integer. */
#ifndef KITH_JSON_BIND_H
#define KITH_JSON_BIND_H

#include "base/arena.h"
#include "base/errors.h"
#include "json/emit.h"

#define JSON_BODY_BYTES     KB(256)         /* where a table does not say its own limit */
#define JSON_DEPTH          32              /* objects and arrays within each other; deeper: 400 */
#define JSON_VALUES         ((size_t)65536) /* values in a body; more: 400 */
#define JSON_FAULTS         ((size_t)100)   /* reported at once; what follows is not looked at */
#define JSON_TABLE_FIELDS   ((size_t)64)    /* the bits of `present` */
#define JSON_KEY_CHARACTERS ((size_t)72)    /* of a FIELD_MAP's keys */
#define JSON_UNIQUE_ITEMS   ((size_t)1000)  /* of a list with FIELD_UNIQUE: each meets each */
#define JSON_DECIMAL_DIGITS 18              /* of a decimal, so that it fits an int64_t */

/* What `max` counts by type, and what it is where it is 0 and `min` is not negative. */
enum json_field_type {
    FIELD_TEXT,      /* one line, trimmed of ASCII white space; characters; 255 */
    FIELD_LONG_TEXT, /* with tabs and newlines, not trimmed; characters; 10,000 */
    FIELD_EMAIL,     /* lower-cased; characters; 254 */
    FIELD_URL,       /* http or https, ASCII, no user; characters; 2,000 */
    FIELD_UUID,
    FIELD_ENUM,    /* one of `values` */
    FIELD_INT,     /* the range; the whole of int64_t */
    FIELD_DECIMAL, /* the range in whole units; what `precision` and `scale` allow */
    FIELD_BOOL,
    FIELD_DATE,    /* YYYY-MM-DD */
    FIELD_INSTANT, /* RFC 3339 with any offset, to the millisecond */
    FIELD_LOCALE,  /* BCP 47 of language, script, region: "en", "es-MX", "zh-Hans" */
    FIELD_ZONE,    /* the shape of an IANA zone's name; the calendar knows which ones there are */
    FIELD_ANY,     /* any JSON; bytes of its compact text; 16 KiB */
    FIELD_OBJECT,  /* by `table` */
    FIELD_LIST,    /* of `item`; items; 100 */
    FIELD_MAP,     /* of free keys to `item`, of text where that is NULL; members; 100 */
    FIELD_TYPE_COUNT
};

enum json_field_flag {
    FIELD_REQUIRED = 1,    /* must be there, but for a PATCH */
    FIELD_NULLABLE = 2,    /* may be null */
    FIELD_READ_ONLY = 4,   /* the server's: never in a body */
    FIELD_CREATE_ONLY = 8, /* never in a PATCH */
    FIELD_UNIQUE = 16,     /* a list of scalars: no item twice */
    FIELD_OPTIONAL = 32,   /* a member of an object that a reply, too, may lack */
};

struct json_table;

struct json_field {
    const char *name; /* of ASCII letters, digits and "_"; NULL in an `item` */
    enum json_field_type type;
    unsigned flags;
    int64_t min;
    int64_t max;
    int precision;                  /* FIELD_DECIMAL: all digits, as in numeric(precision, scale) */
    int scale;                      /* FIELD_DECIMAL: digits after the point */
    const char *const *values;      /* FIELD_ENUM: ends in NULL */
    const struct json_table *table; /* FIELD_OBJECT */
    const struct json_field *item;  /* FIELD_LIST, FIELD_MAP */
    const char *doc;                /* a sentence for the API's document */
};

/* A row: name, type, perhaps flags, then designated members. */
#define JSON_FIELD(field_name, ...)               \
    {                                             \
        .name = (field_name), .type = __VA_ARGS__ \
    }

struct json_table {
    const char *name;
    const struct json_field *fields;
    size_t field_count;
    size_t body_bytes; /* 0: JSON_BODY_BYTES */
};

#define JSON_TABLE(table_name, rows)                                          \
    {                                                                         \
        .name = (table_name), .fields = (rows), .field_count = COUNT_OF(rows) \
    }

/* The field's limits with its type's defaults filled in. */
struct json_limits {
    int64_t min;
    int64_t max;
};

struct json_limits json_field_limits(const struct json_field *field);

/* One value. Everything is in the arena, texts with a NUL behind them. */
struct json_value {
    bool is_present;
    bool is_null;
    bool truth; /* FIELD_BOOL */

    /* The canonical text, one for one value, as a text parameter for PostgreSQL takes it; of
     * FIELD_ANY, and of the table's own lists, maps and objects, compact JSON. */
    struct sv text;

    /* FIELD_INT: itself; FIELD_DECIMAL: times 10^scale; FIELD_ENUM: index in `values`; FIELD_DATE:
     * days and FIELD_INSTANT: milliseconds since 1970. */
    int64_t number;

    struct sv key; /* of a member of a map */

    /* A list's items, a map's members, or an object's fields in its table's order. */
    const struct json_value *items;
    size_t item_count;
    uint64_t present; /* FIELD_OBJECT: which of its fields are there */
};

/* What is wrong with one value. The codes (faults.def) are part of the API. */
enum json_fault_code {
#define FAULT(name, text) JSON_FAULT_##name,
#include "json/faults.def"
#undef FAULT
    JSON_FAULT_COUNT
};

struct json_fault {
    struct sv pointer; /* RFC 6901 */
    enum json_fault_code code;
    struct sv detail; /* a sentence */
};

const char *json_fault_name(enum json_fault_code code);

struct json_bound {
    const struct json_value *values; /* by field, always as many as the table has */
    uint64_t present;

    /* When the body was refused: */
    enum error_code
        error;        /* BODY_TOO_LARGE; INVALID_JSON: see `byte`; INVALID_INPUT: see `faults` */
    struct sv detail; /* a sentence */
    size_t byte;      /* from 0: what is wrong stands here or just before */
    size_t line;      /* from 1 */
    size_t column;    /* in characters, from 1 */
    const struct json_fault *faults;
    size_t fault_count;
    bool faults_cut; /* there may be more than JSON_FAULTS */
};

enum json_mode {
    JSON_CREATE,
    /* A merge patch (RFC 7396): what is required may be absent, in objects within too; a null
     * removes a map's member. Lists are replaced whole, so their items are as for JSON_CREATE. */
    JSON_PATCH,
};

/* False when the body is refused. A number that no int64_t or double holds is reported alone, as
 * the parser stops there. */
KITH_MUST_CHECK bool json_bind(struct arena *arena, const struct json_table *table,
                               enum json_mode mode, struct sv body, struct json_bound *out);

/* The same for one scalar that comes as text, from a query or a CSV cell. Of *fault, code and
 * detail are set; the detail lacks its subject ("must be …"). */
KITH_MUST_CHECK bool json_bind_text(struct arena *arena, const struct json_field *field,
                                    struct sv text, struct json_value *out,
                                    struct json_fault *fault);

bool json_field_is_scalar(const struct json_field *field);

/* Writes a value in canonical form, and a refused body's faults as problem+json's `errors`. */
void json_emit_value(struct emit *e, const struct json_field *field,
                     const struct json_value *value);
void json_emit_faults(struct emit *e, const struct json_bound *bound);

#endif
