/* POST /v1/public_inquiries: the form "partner with us", for everybody. What comes by it is an
 * inquiry like any other, which the staff answers; who sends it is told no more than by when. */
#include "actions/inquiry.h"

#include "base/uuid.h"
#include "call.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "resources.h"

static const struct json_field fields[] = {
    JSON_FIELD("organization", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
    JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
    JSON_FIELD("email", FIELD_EMAIL, FIELD_REQUIRED),
    JSON_FIELD("phone", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST),
    JSON_FIELD("website", FIELD_URL, FIELD_NULLABLE),
    JSON_FIELD("message", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST),
    JSON_FIELD("kind", FIELD_ENUM, FIELD_NULLABLE, .values = partner_kinds),
    JSON_FIELD("offer_kind", FIELD_ENUM, FIELD_NULLABLE, .values = resource_kinds,
               .doc = "What you would give."),
    JSON_FIELD("site_id", FIELD_UUID, FIELD_NULLABLE, .doc = "The school that you have in mind."),
    JSON_FIELD("need_id", FIELD_UUID, FIELD_NULLABLE,
               .doc = "The need that you ask about; one that the public may not read is left out."),
    JSON_FIELD("locale", FIELD_LOCALE, FIELD_NULLABLE,
               .doc = "The language in which you are answered; null: the district's."),
    JSON_FIELD("fax", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST,
               .doc = "No person fills this in: who does is taken for a machine."),
    JSON_FIELD("district", FIELD_TEXT, FIELD_NULLABLE, .max = 63,
               .doc = "The district's slug, where the host does not say it."),
};
const struct json_table inquiry_public_table = JSON_TABLE("public_inquiry", fields);

static const struct json_field received_fields[] = {
    JSON_FIELD("answer_by", FIELD_DATE, .doc = "You hear from us by then."),
};
const struct json_table inquiry_received_table = JSON_TABLE("received_inquiry", received_fields);

static STEP(received)
{
    struct sv day = db_text(call_of(r)->unit, 0, 0, "answer_by");

    reply_field(r, "Cache-Control", SV("no-store"));
    return reply_json(r, 202, arena_printf(r->arena, "{\"answer_by\":\"%.*s\"}", SV_ARG(day)));
}

STEP(inquiry_receive)
{
    const char *params[COUNT_OF(fields) + 4];
    struct json_bound bound = {0};
    size_t count = 0;
    struct uuid *id = ARENA_NEW(r->arena, uuid);

    if (!http_media_type_is(req_field(r, SV("content-type")), SV("application/json"))) {
        reply_field(r, "Accept-Post", SV("application/json"));
        return fail(r, ERR_MEDIA_TYPE_UNSUPPORTED);
    }
    if (!json_bind(r->arena, &inquiry_public_table, JSON_CREATE, r->body, &bound))
        return fail_bound(r, &bound);
    for (; count < COUNT_OF(fields); count++) {
        const struct json_value *value = &bound.values[count];

        params[count] = value->is_present && !value->is_null ? value->text.p : NULL;
    }
    *id = uuid7_new();
    call_begin_public(r);
    params[count++] = arena_cstr(r->arena, r->head.host);
    params[count++] = id->text;
    params[count++] = call_now(r);
    params[count++] = call_request_id(r);
    call_add_array(call_of(r), STMT(inquiry_receive), params, count);
    return call_run(r, received);
}
