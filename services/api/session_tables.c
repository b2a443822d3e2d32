/* What the replies about sessions have, for the API's document; the statements make them. */
#include "session.h"

static const struct json_field made_fields[] = {
    JSON_FIELD("id", FIELD_UUID, .doc = "Of the session."),
    JSON_FIELD("expires_at", FIELD_INSTANT),
};
const struct json_table session_made_table = JSON_TABLE("session", made_fields);

static const struct json_field user_fields[] = {
    JSON_FIELD("id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("email", FIELD_EMAIL),
    JSON_FIELD("phone", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("locale", FIELD_LOCALE, FIELD_NULLABLE),
    JSON_FIELD("zone", FIELD_ZONE, FIELD_NULLABLE),
};
static const struct json_table user_table = JSON_TABLE("user", user_fields);

static const struct json_field grant_fields[] = {
    JSON_FIELD("role", FIELD_TEXT),
    JSON_FIELD("scope_kind", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("scope_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("from_date", FIELD_DATE, FIELD_NULLABLE),
    JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE),
};
static const struct json_table grant_table = JSON_TABLE("grant", grant_fields);
static const struct json_field grant_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &grant_table);

static const struct json_field locale_item = JSON_FIELD(NULL, FIELD_LOCALE);
static const struct json_field district_fields[] = {
    JSON_FIELD("id", FIELD_UUID),       JSON_FIELD("slug", FIELD_TEXT),
    JSON_FIELD("name", FIELD_TEXT),     JSON_FIELD("zone", FIELD_ZONE),
    JSON_FIELD("locale", FIELD_LOCALE), JSON_FIELD("locales", FIELD_LIST, .item = &locale_item),
};
static const struct json_table district_table = JSON_TABLE("district", district_fields);

static const struct json_field session_fields[] = {
    JSON_FIELD("kind", FIELD_TEXT, .doc = "Whether it is a session or an API key."),
    JSON_FIELD("expires_at", FIELD_INSTANT, FIELD_NULLABLE),
};
static const struct json_table session_table = JSON_TABLE("session", session_fields);

static const struct json_field me_fields[] = {
    JSON_FIELD("user", FIELD_OBJECT, .table = &user_table),
    JSON_FIELD("grants", FIELD_LIST, .item = &grant_item, .max = INT64_MAX),
    JSON_FIELD("district", FIELD_OBJECT, .table = &district_table),
    JSON_FIELD("session", FIELD_OBJECT, .table = &session_table),
    JSON_FIELD("csrf_token", FIELD_TEXT,
               .doc = "For X-CSRF-Token, which writes with the cookie need."),
};
const struct json_table session_me_table = JSON_TABLE("me", me_fields);
