/* Failures of the database as answers. SQLSTATEs are rows; the names of constraints say which field
 * is meant: <table>_<column>_key, _fkey, _check. */
#include "failure.h"

#include <string.h>

#include "base/log.h"
#include "failure_words.h"
#include "http/router.h"
#include "resource.h"

enum told {
    TOLD_CODE,   /* the error is enough */
    TOLD_FIELD,  /* the constraint's column is at fault */
    TOLD_LATER,  /* with Retry-After */
    TOLD_STATE,  /* the message, and the detail as the state */
    TOLD_INPUT,  /* the message, about the field that the error names as its column */
    TOLD_INPUTS, /* the message; what is at fault stands in the detail, as {"errors": […]} */
    TOLD_OURS,   /* our bug: logged as an error */
};

struct failure {
    const char *sqlstate; /* a prefix */
    enum error_code code;
    enum told told;
    enum json_fault_code fault;
    const char *detail;
};

static const struct failure failures[] = {
    {"KI401", ERR_UNAUTHENTICATED, TOLD_CODE, 0, ""},
    {"KI403", ERR_FORBIDDEN, TOLD_CODE, 0, ""},
    {"KIKEY", ERR_FORBIDDEN, TOLD_CODE, 0, FAILURE_KEY},
    {"KIPRT", ERR_FORBIDDEN, TOLD_CODE, 0, FAILURE_PART},
    {"KI404", ERR_NOT_FOUND, TOLD_CODE, 0, ""},
    {"KI412", ERR_PRECONDITION_FAILED, TOLD_CODE, 0, ""},
    {"KI490", ERR_CONFLICT, TOLD_STATE, 0, ""},
    {"KI491", ERR_INVALID_INPUT, TOLD_INPUT, JSON_FAULT_NOT_ALLOWED, ""},
    {"KI494", ERR_INVALID_INPUT, TOLD_INPUTS, JSON_FAULT_NOT_ALLOWED, ""},
    {"KI493", ERR_FORBIDDEN, TOLD_INPUT, JSON_FAULT_NOT_ALLOWED, ""},
    {"KIOUT", ERR_FORBIDDEN, TOLD_CODE, 0, FAILURE_OUTSIDE},
    {"KI409", ERR_CONFLICT, TOLD_LATER, 0, "A request with this Idempotency-Key is still at work."},
    {"KI422", ERR_KEY_REUSED, TOLD_CODE, 0, ""},
    {"23505", ERR_CONFLICT, TOLD_FIELD, JSON_FAULT_TAKEN, "is taken already"},
    {"23P01", ERR_CONFLICT, TOLD_FIELD, JSON_FAULT_TAKEN, "overlaps what is there already"},
    {"23503", ERR_INVALID_INPUT, TOLD_FIELD, JSON_FAULT_UNKNOWN_ID, "names nothing that is there"},
    {"23514", ERR_INVALID_INPUT, TOLD_FIELD, JSON_FAULT_NOT_ALLOWED, ""},
    {"23502", ERR_INVALID_INPUT, TOLD_FIELD, JSON_FAULT_REQUIRED, "is missing"},
    {"22003", ERR_INVALID_INPUT, TOLD_CODE, 0, "A number is out of range."},
    {"55P03", ERR_CONFLICT, TOLD_LATER, 0, "Somebody else is changing this just now."},
    {"40", ERR_OVERLOADED, TOLD_LATER, 0, ""},
    {"57014", ERR_TOO_SLOW, TOLD_CODE, 0, ""},
    {"57P", ERR_UNAVAILABLE, TOLD_LATER, 0, ""},
    {"53", ERR_OVERLOADED, TOLD_LATER, 0, ""},
    {"", ERR_INTERNAL, TOLD_OURS, 0, ""},
};

static const struct failure *find(const char *sqlstate)
{
    const struct failure *failure = failures;

    while (!sv_starts_with(sv_of(sqlstate), sv_of(failure->sqlstate)))
        failure++;
    return failure;
}

/* "partner_ein_key" of the table partner is about "ein"; empty when the name is not of that form.
 */
static struct sv column_of(const struct req *r, struct sv constraint)
{
    static const char *const endings[] = {"_key", "_fkey", "_check", "_not_null"};
    const struct resource *resource = r->route->what;
    struct sv table = resource ? sv_of(resource->table) : SV("");
    struct sv rest = sv_skip(constraint, table.n + 1);

    if (!sv_starts_with(constraint, table))
        return SV_NONE;
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        struct sv ending = sv_of(endings[i]);

        if (sv_ends_with(rest, ending))
            return sv_head(rest, rest.n - ending.n);
    }
    return SV_NONE;
}

static struct plan *fail_field(struct req *r, const struct failure *failure,
                               const struct db_error *error)
{
    struct sv column = column_of(r, sv_of(error->constraint));
    const char *wrong =
        *failure->detail ? failure->detail : failure_words(sv_of(error->constraint));
    struct json_fault fault = {.code = failure->fault};

    if (column.n) {
        fault.pointer = arena_printf(r->arena, "/%.*s", SV_ARG(column));
        fault.detail = arena_printf(r->arena, "\"%.*s\" %s.", SV_ARG(column), wrong);
    } else {
        fault.pointer = SV("");
        fault.detail = arena_printf(r->arena, "This %s.", wrong);
    }
    return fail_fields(r, failure->code, fault.detail, &fault, 1);
}

static struct plan *fail_input(struct req *r, const struct failure *failure,
                               const struct db_error *error)
{
    struct json_fault fault = {.code = failure->fault, .detail = sv_of(error->message)};

    ENSURE(error->column);
    fault.pointer = arena_printf(r->arena, "/%s", error->column);
    return fail_fields(r, failure->code, fault.detail, &fault, 1);
}

/* What a function of the database says of each of several places (refuse_fields). */
static const struct json_field inputs_item_fields[] = {
    JSON_FIELD("pointer", FIELD_LONG_TEXT, FIELD_REQUIRED),
    JSON_FIELD("detail", FIELD_LONG_TEXT, FIELD_REQUIRED),
};
static const struct json_table inputs_item_table = JSON_TABLE("error", inputs_item_fields);
static const struct json_field inputs_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &inputs_item_table);
static const struct json_field inputs_fields[] = {
    JSON_FIELD("errors", FIELD_LIST, FIELD_REQUIRED, .item = &inputs_item, .max = JSON_FAULTS),
};
static const struct json_table inputs_table = JSON_TABLE("errors", inputs_fields);

static struct plan *fail_inputs(struct req *r, const struct failure *failure,
                                const struct db_error *error)
{
    struct json_fault *faults = arena_zalloc_array(r->arena, JSON_FAULTS, sizeof *faults);
    struct json_bound told;
    const struct json_value *list;

    ENSURE(json_bind(r->arena, &inputs_table, JSON_CREATE, sv_of(error->detail), &told));
    list = &told.values[0];
    for (size_t i = 0; i < list->item_count; i++)
        faults[i] = (struct json_fault){.pointer = list->items[i].items[0].text,
                                        .code = failure->fault,
                                        .detail = list->items[i].items[1].text};
    return fail_fields(r, failure->code, sv_of(error->message), faults, list->item_count);
}

static struct plan *fail_refused(struct req *r, const struct db_error *error)
{
    const struct failure *failure = find(error->sqlstate);

    switch (failure->told) {
    case TOLD_FIELD:
        return fail_field(r, failure, error);
    case TOLD_STATE:
        return fail_state(r, failure->code, sv_of(error->message), sv_of(error->detail));
    case TOLD_INPUT:
        return fail_input(r, failure, error);
    case TOLD_INPUTS:
        return fail_inputs(r, failure, error);
    case TOLD_LATER:
        reply_field(r, "Retry-After", SV("1"));
        break;
    case TOLD_OURS:
        log_error("the database refused what it should not have",
                  F_STR("sqlstate", error->sqlstate), F_STR("constraint", error->constraint),
                  F_INT("statement", error->statement));
        break;
    case TOLD_CODE:
        if (failure->code == ERR_UNAUTHENTICATED)
            reply_field(r, "WWW-Authenticate",
                        SV("Bearer realm=\"kith\", error=\"invalid_token\""));
        break;
    }
    return *failure->detail ? fail_why(r, failure->code, "%s", failure->detail)
                            : fail(r, failure->code);
}

bool failure_is_replay(const struct db_unit *unit)
{
    return db_unit_outcome(unit) == DB_REFUSED &&
           strcmp(db_unit_error(unit)->sqlstate, "KI208") == 0;
}

struct plan *failure_reply(struct req *r, const struct db_unit *unit)
{
    switch (db_unit_outcome(unit)) {
    case DB_REFUSED:
        return fail_refused(r, db_unit_error(unit));
    case DB_TOO_LATE:
        return fail(r, ERR_TOO_SLOW);
    case DB_OVERLOADED:
        reply_field(r, "Retry-After", SV("1"));
        return fail(r, ERR_OVERLOADED);
    case DB_UNAVAILABLE:
        reply_field(r, "Retry-After", SV("1"));
        return fail_why(r, ERR_UNAVAILABLE, "The database is not available; nothing was changed.");
    case DB_LOST:
        reply_field(r, "Retry-After", SV("1"));
        return fail_why(r, ERR_UNAVAILABLE,
                        "The database was lost on the way, so the change may have happened; "
                        "repeat the request with the same Idempotency-Key.");
    case DB_PENDING:
    case DB_DONE:
        break;
    }
    die("a unit that did not fail has no failure");
}
