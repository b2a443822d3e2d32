/* GET /v1/setup and GET /v1/me/tasks: one statement each, which writes the document. */
#include "setup.h"
#include "call.h"
#include "gen/stmt.h"
#include "resources.h"

#define MAILS_SHOWN "200"
#define TASKS_SHOWN "500"

static const struct json_field step_fields[] = {
    JSON_FIELD("key", FIELD_TEXT),
    JSON_FIELD("is_required", FIELD_BOOL),
    JSON_FIELD("is_done", FIELD_BOOL),
    JSON_FIELD("count", FIELD_INT, .doc = "How many there are."),
    JSON_FIELD("needed", FIELD_INT, .doc = "How many there must be."),
};
static const struct json_table step_table = JSON_TABLE("setup_step", step_fields);
static const struct json_field step_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &step_table);

static const struct json_field mail_fields[] = {
    JSON_FIELD("message_id", FIELD_UUID),    JSON_FIELD("class", FIELD_TEXT),
    JSON_FIELD("kind", FIELD_TEXT),          JSON_FIELD("to_address", FIELD_EMAIL),
    JSON_FIELD("not_before", FIELD_INSTANT),
};
static const struct json_table mail_table = JSON_TABLE("setup_mail", mail_fields);
static const struct json_field mail_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &mail_table);

static const struct json_field mails_fields[] = {
    JSON_FIELD("preview", FIELD_TEXT, .doc = "Names what is shown, for go_live."),
    JSON_FIELD("would_go", FIELD_INT, .doc = "Mails that go out with go_live."),
    JSON_FIELD("left_out", FIELD_INT, .doc = "Mails of earlier days, which do not."),
    JSON_FIELD("first", FIELD_LIST, .item = &mail_item, .max = 200,
               .doc = "Those that go; all are at /v1/messages?status=queued."),
};
static const struct json_table mails_table = JSON_TABLE("setup_mails", mails_fields);

static const struct json_field setup_fields[] = {
    JSON_FIELD("is_live", FIELD_BOOL),
    JSON_FIELD("is_ready", FIELD_BOOL, .doc = "Nothing that is required is missing."),
    JSON_FIELD("steps", FIELD_LIST, .item = &step_item),
    JSON_FIELD("mails", FIELD_OBJECT, .table = &mails_table, .doc = "What waits for go_live."),
};
const struct json_table setup_table = JSON_TABLE("setup", setup_fields);

static const struct json_field lacked_fields[] = {
    JSON_FIELD("kind", FIELD_TEXT),
    JSON_FIELD("partner", FIELD_TEXT, FIELD_NULLABLE,
               .doc = "Whose, if another's than the partnership's first partner."),
};
static const struct json_table lacked_table = JSON_TABLE("task_credential", lacked_fields);
static const struct json_field lacked_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &lacked_table);

static const struct json_field task_fields[] = {
    JSON_FIELD("kind", FIELD_TEXT),
    JSON_FIELD("resource", FIELD_TEXT,
               .doc = "What it is about is at /v1/<resource>/<subject_id>."),
    JSON_FIELD("subject_id", FIELD_UUID),
    JSON_FIELD("title", FIELD_LONG_TEXT),
    JSON_FIELD("credentials", FIELD_LIST, .item = &lacked_item, .max = 500,
               .doc = "Those that it is about."),
    JSON_FIELD("due_on", FIELD_DATE, FIELD_NULLABLE),
    JSON_FIELD("is_overdue", FIELD_BOOL),
    JSON_FIELD("partnership_id", FIELD_UUID, FIELD_NULLABLE),
};
static const struct json_table task_table = JSON_TABLE("my_task", task_fields);
static const struct json_field task_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &task_table);
static const struct json_field kind_item = JSON_FIELD(NULL, FIELD_TEXT);
static const struct json_field count_item = JSON_FIELD(NULL, FIELD_INT);

static const struct json_field tasks_fields[] = {
    JSON_FIELD("data", FIELD_LIST, .item = &task_item, .max = 500,
               .doc = "What is due first comes first."),
    JSON_FIELD("total", FIELD_INT, .doc = "Of each kind at most 500 are counted."),
    JSON_FIELD("overdue", FIELD_INT),
    JSON_FIELD("counts", FIELD_MAP, .item = &count_item, .doc = "By kind."),
    JSON_FIELD("more", FIELD_LIST, .item = &kind_item, .max = 100,
               .doc = "The kinds of which there are more than are counted."),
};
const struct json_table my_tasks_table = JSON_TABLE("my_tasks", tasks_fields);

static STEP(told)
{
    reply_field(r, "Cache-Control", SV("no-store"));
    return reply_json(r, 200, db_text(call_of(r)->unit, 1, 0, "body"));
}

STEP(setup_get)
{
    struct plan *refused = call_refuse_query(r);

    if (refused)
        return refused;
    call_begin(r, CALL_READ, SV(ROLES_PROGRAM));
    call_add(call_of(r), STMT(setup), MAILS_SHOWN);
    return call_run(r, told);
}

STEP(my_tasks)
{
    struct plan *refused = call_refuse_query(r);

    if (refused)
        return refused;
    call_begin(r, CALL_READ, SV(""));
    call_add(call_of(r), STMT(my_tasks), TASKS_SHOWN);
    return call_run(r, told);
}
