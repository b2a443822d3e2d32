/* POST /v1/dead_letter_redrives: all that a filter finds, the oldest first. */
#include "account.h"
#include "administration.h"
#include "gen/stmt.h"
#include "idempotency.h"
#include "resources.h"

#define REDRIVEN_MOST 1000

enum { ORDER_CONSUMER, ORDER_TYPE, ORDER_COUNT };

static const struct json_field fields[] = {
    [ORDER_CONSUMER] = JSON_FIELD("consumer", FIELD_TEXT, FIELD_NULLABLE, .max = CODE_LONGEST,
                                  .doc = "As in kith-checkin; null: any."),
    [ORDER_TYPE] = JSON_FIELD("type", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST,
                              .doc = "Of the events; null: any."),
    [ORDER_COUNT] = JSON_FIELD("count", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = REDRIVEN_MOST,
                               .doc = "How many at most; null: a thousand."),
};
const struct json_table dead_letters_redrive_table = JSON_TABLE("redrive", fields);

static const struct json_field redriven_fields[] = {
    JSON_FIELD("redriven", FIELD_INT, .doc = "How many are tried again."),
};
const struct json_table dead_letters_redriven_table = JSON_TABLE("redriven", redriven_fields);

static STEP(redriven)
{
    struct call *call = call_of(r);

    return reply_json(r, 200, db_text(call->unit, call->idempotency_key.n ? 2 : 1, 0, "body"));
}

STEP(dead_letters_redrive)
{
    const char *params[COUNT_OF(fields) + 2] = {NULL};
    struct json_bound bound = {0};
    struct plan *refused = idempotency_read(r);
    struct call *call;

    if (!refused)
        refused = account_read_body(r, &dead_letters_redrive_table, &bound);
    if (refused)
        return refused;
    ENSURE(bound.values);
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        const struct json_value *value = &bound.values[i];

        params[i] = value->is_present && !value->is_null ? value->text.p : NULL;
    }
    call = call_begin(r, CALL_WRITE, SV(ROLES_ADMIN));
    idempotency_begin(r);
    if (call->idempotency_key.n) {
        params[COUNT_OF(fields)] = call->idempotency_key.p;
        params[COUNT_OF(fields) + 1] = call->fingerprint.p;
    }
    call_add_array(call, STMT(dead_letters_redrive_many), params, COUNT_OF(params));
    return call_run(r, redriven);
}
