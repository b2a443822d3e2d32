/* POST /v1/api_keys: read the body → the key and the reply to keep, without the token → the reply
 * with it. */
#include "account.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "etag.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "http/router.h"
#include "idempotency.h"
#include "resources.h"
#include "use.h"

enum {
    KEY_LABEL,
    KEY_USER_ID,
    KEY_EXPIRES_AT,
    KEY_ROLES,
    KEY_IS_READ_ONLY,
    KEY_RESOURCES,
    KEY_SCOPE_KIND,
    KEY_SCOPE_ID,
};

static const char *const scope_kinds[] = {"district", "network", "site", NULL};

static const struct json_field role_item = JSON_FIELD(NULL, FIELD_TEXT, .max = CODE_LONGEST);
static const struct json_field fields[] = {
    [KEY_LABEL] = JSON_FIELD("label", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = LINE_LONGEST),
    [KEY_USER_ID] = JSON_FIELD("user_id", FIELD_UUID, FIELD_NULLABLE,
                               .doc = "For whom it works; null: who asks. Somebody else is for "
                                      "administrators."),
    [KEY_EXPIRES_AT] = JSON_FIELD("expires_at", FIELD_INSTANT, FIELD_NULLABLE,
                                  .doc = "Null: never. A key makes none that outlives it."),
    [KEY_ROLES] =
        JSON_FIELD("roles", FIELD_LIST, FIELD_NULLABLE | FIELD_UNIQUE, .item = &role_item, .min = 1,
                   .max = 9, .doc = "Which of the user's roles it may use; null: all of them."),
    [KEY_IS_READ_ONLY] =
        JSON_FIELD("is_read_only", FIELD_BOOL, .doc = "It reads, and writes nothing."),
    [KEY_RESOURCES] = JSON_FIELD(
        "resources", FIELD_LIST, FIELD_NULLABLE | FIELD_UNIQUE, .item = &role_item, .min = 1,
        .max = 64,
        .doc = "What it may ask: the names that come first in the paths (each operation's x-name), "
               "of what it embeds and imports, too; null: all."),
    [KEY_SCOPE_KIND] = JSON_FIELD("scope_kind", FIELD_ENUM, .values = scope_kinds,
                                  .doc = "Where it writes, of what its user's grants cover. For a "
                                         "network or site, who runs the whole district "
                                         "coordinates there, and imports nothing."),
    [KEY_SCOPE_ID] =
        JSON_FIELD("scope_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Of the network or site."),
};
const struct json_table account_key_table = JSON_TABLE("api_key", fields);

struct plan *account_read_body(struct req *r, const struct json_table *table,
                               struct json_bound *out)
{
    if (!http_media_type_is(req_field(r, SV("content-type")), SV("application/json"))) {
        reply_field(r, "Accept-Post", SV("application/json"));
        return fail(r, ERR_MEDIA_TYPE_UNSUPPORTED);
    }
    return json_bind(r->arena, table, JSON_CREATE, r->body, out) ? NULL : fail_bound(r, out);
}

struct making {
    struct uuid id;
    struct sv token_text;
    const char *location;
    size_t got; /* the statement that reads the representation */
};

/* The token is the representation's last member, and null there. */
static struct sv with_token(struct req *r, struct sv body, struct sv token)
{
    struct sv tail = SV("null}");

    ENSURE(sv_ends_with(body, tail));
    return arena_printf(r->arena, "%.*s\"%.*s\"}", SV_ARG(sv_head(body, body.n - tail.n)),
                        SV_ARG(token));
}

static STEP(key_made)
{
    struct call *call = call_of(r);
    const struct making *making = call->state;

    reply_field(r, "Cache-Control", SV("no-store"));
    reply_field(r, "Location", sv_of(making->location));
    reply_field(r, "ETag", etag_of(r, db_text(call->unit, making->got, 0, "version")));
    return reply_json(
        r, 201, with_token(r, db_text(call->unit, making->got, 0, "body"), making->token_text));
}

static const char *param(const struct json_bound *bound, size_t field)
{
    const struct json_value *value = &bound->values[field];

    return value->is_present && !value->is_null ? value->text.p : NULL;
}

static struct plan *check_expiry(struct req *r, const struct json_bound *bound)
{
    const struct json_value *expires = bound->values + KEY_EXPIRES_AT;
    struct json_fault fault = {SV("/expires_at"), JSON_FAULT_NOT_ALLOWED,
                               SV("\"expires_at\" is over already.")};

    ENSURE(bound->values);
    if (!expires->is_present || expires->is_null || expires->number > clock_now_ms())
        return NULL;
    return fail_fields(r, ERR_INVALID_INPUT, fault.detail, &fault, 1);
}

/* Each is a name that some path begins with. */
static struct plan *check_resources(struct req *r, const struct json_bound *bound)
{
    const struct json_value *resources = bound->values + KEY_RESOURCES;
    struct json_fault fault = {.code = JSON_FAULT_NOT_ALLOWED};

    for (size_t i = 0; i < resources->item_count; i++) {
        if (use_is_known(resources->items[i].text))
            continue;
        fault.pointer = arena_printf(r->arena, "/resources/%zu", i);
        fault.detail = SV("No path begins with this name.");
        return fail_fields(r, ERR_INVALID_INPUT, fault.detail, &fault, 1);
    }
    return NULL;
}

STEP(account_key_create)
{
    const struct resource_ready *ready = res_api_key.ready;
    struct making *making = ARENA_NEW(r->arena, making);
    struct call *call = call_of(r);
    struct json_bound bound = {0};
    struct plan *refused = idempotency_read(r);
    struct token made;

    if (!refused)
        refused = account_read_body(r, &account_key_table, &bound);
    if (!refused)
        refused = check_expiry(r, &bound);
    if (!refused)
        refused = check_resources(r, &bound);
    if (refused)
        return refused;
    making->id = uuid7_new();
    making->location = arena_printf(r->arena, "/v1/api_keys/%s", making->id.text).p;
    making->token_text = token_new(r->arena, &call->token.district, &made);
    call_begin(r, CALL_WRITE, sv_of(res_api_key.writers));
    idempotency_begin(r);
    call_add(call, STMT(api_key_create), making->id.text, param(&bound, KEY_USER_ID),
             param(&bound, KEY_LABEL), param(&bound, KEY_EXPIRES_AT), param(&bound, KEY_ROLES),
             param(&bound, KEY_IS_READ_ONLY), param(&bound, KEY_RESOURCES),
             param(&bound, KEY_SCOPE_KIND), param(&bound, KEY_SCOPE_ID), made.hash.p,
             call->token.hash.p);
    making->got = call->idempotency_key.n ? call_add(call, &ready->get_and_keep_any,
                                                     making->id.text, call->idempotency_key.p,
                                                     call->fingerprint.p, "201", making->location)
                                          : call_add(call, &ready->get, making->id.text);
    call->state = making;
    return call_run(r, key_made);
}
