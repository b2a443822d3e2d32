/* What became of attempts, as the statement that ends them wants it. */
#include "ends.h"

#include <stdio.h>

#include "pace.h"
#include "json/emit.h"

#define ENDS_BYTES KB(256)

static void emit_code(struct emit *e, const struct mail_result *result)
{
    char digits[12];

    if (result->status[0]) {
        emit_text(e, sv_of(result->status));
    } else if (result->code) {
        snprintf(digits, sizeof digits, "%d", result->code);
        emit_text(e, sv_of(digits));
    } else {
        emit_null(e);
    }
}

static void emit_end(struct emit *e, const struct mailer_config *config,
                     const struct attempt *attempt)
{
    static const char *const outcomes[] = {[MAIL_ACCEPTED] = "sent",
                                           [MAIL_DEFERRED] = "deferred",
                                           [MAIL_REFUSED] = "refused",
                                           [MAIL_UNKNOWN] = "unknown"};
    const struct mail_result *result = &attempt->result;
    int64_t number = attempt->letter.number;

    emit_object_begin(e);
    emit_key(e, SV("id"));
    emit_text(e, sv_of(attempt->letter.message_id));
    emit_key(e, SV("number"));
    emit_i64(e, number);
    emit_key(e, SV("outcome"));
    emit_text(e, sv_of(outcomes[result->outcome]));
    emit_key(e, SV("is_bad_address"));
    emit_bool(e, result->outcome == MAIL_REFUSED && result->cause == MAIL_CAUSE_ADDRESS);
    emit_key(e, SV("code"));
    emit_code(e, result);
    if (result->detail[0]) {
        emit_key(e, SV("detail"));
        emit_text(e, sv_of(result->detail));
    }
    emit_key(e, SV("wait_s"));
    emit_i64(e, pace_retry_s(number, config->retry_s, config->retry_most_s));
    emit_object_end(e);
}

const char *ends_of(struct arena *arena, const struct claim *claim,
                    const struct mailer_config *config)
{
    bool is_any = false;
    struct emit e;

    emit_init(&e, str_new_in(arena, ENDS_BYTES));
    emit_array_begin(&e);
    for (size_t i = 0; i < claim->begun; i++) {
        if (claim->attempts[i].is_ended)
            emit_end(&e, config, &claim->attempts[i]);
        is_any = is_any || claim->attempts[i].is_ended;
    }
    emit_array_end(&e);
    ENSURE(emit_finish(&e));
    return is_any ? str_cstr(e.out) : NULL;
}
