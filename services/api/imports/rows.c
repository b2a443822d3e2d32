/* GET /v1/imports/{id}/rows: what became of each row, in the order of the file. */
#include "base/encode.h"
#include "call.h"
#include "gen/stmt.h"
#include "http/router.h"
#include "imports/import.h"
#include "list.h"
#include "resources.h"
#include "json/walk.h"

#define PAGE_BYTES MB(16) /* past it a page has fewer rows than asked for */
#define REST_BYTES KB(1)

static const struct json_field cell_item = JSON_FIELD(NULL, FIELD_LONG_TEXT, .max = INT64_MAX);
static const struct json_field error_fields[] = {
    JSON_FIELD("column", FIELD_TEXT, FIELD_NULLABLE, .max = INT64_MAX,
               .doc = "As the file names it; null: the row as a whole."),
    JSON_FIELD("code", FIELD_TEXT),
    JSON_FIELD("detail", FIELD_TEXT, .max = INT64_MAX,
               .doc = "A sentence, or one without its subject."),
};
static const struct json_table error_table = JSON_TABLE("row_error", error_fields);
static const struct json_field error_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &error_table);
static const char *const outcomes[] = {"created",  "updated",  "unchanged", "rejected",
                                       "reverted", "conflict", NULL};
static const struct json_field row_fields[] = {
    JSON_FIELD("line", FIELD_INT, .doc = "On which the row begins, from 1."),
    JSON_FIELD("outcome", FIELD_ENUM, FIELD_NULLABLE, .values = outcomes,
               .doc = "Null: not yet decided."),
    JSON_FIELD("id", FIELD_UUID, FIELD_NULLABLE, .doc = "Of what it is about."),
    JSON_FIELD("cells", FIELD_LIST, FIELD_NULLABLE, .item = &cell_item, .max = INT64_MAX,
               .doc = "Of a rejected row, as they came; for those who may import its kind."),
    JSON_FIELD("errors", FIELD_LIST, .item = &error_item, .max = INT64_MAX),
};
static const struct json_table row_table = JSON_TABLE("import_row", row_fields);
static const struct json_field row_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &row_table);
static const struct json_field page_fields[] = {
    JSON_FIELD("next_cursor", FIELD_TEXT, FIELD_NULLABLE, .max = INT64_MAX),
    JSON_FIELD("has_more", FIELD_BOOL),
};
static const struct json_table page_table = JSON_TABLE("page", page_fields);
static const struct json_field rows_fields[] = {
    JSON_FIELD("data", FIELD_LIST, .item = &row_item, .max = LIST_LIMIT_MOST),
    JSON_FIELD("page", FIELD_OBJECT, .table = &page_table),
};
const struct json_table import_rows_table = JSON_TABLE("import_rows", rows_fields);

struct page {
    struct uuid import;
    int64_t limit;
    struct sv outcome; /* empty: all */
    struct sv after;   /* line */
    size_t got;
    size_t rows;
};

static uint32_t query_hash(const struct page *page)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < 36; i++)
        hash = (hash ^ (unsigned char)page->import.text[i]) * 16777619u;
    for (size_t i = 0; i < page->outcome.n; i++)
        hash = (hash ^ (unsigned char)page->outcome.p[i]) * 16777619u;
    return hash;
}

static bool is_outcome(struct sv text)
{
    for (size_t i = 0; outcomes[i]; i++) {
        if (sv_eq(text, sv_of(outcomes[i])))
            return true;
    }
    return false;
}

static bool read_cursor(struct req *r, struct page *page, struct sv text)
{
    struct cursor cursor;
    int64_t line;

    if (!cursor_read(r->arena, call_of(r)->api->cursor_key, text, &cursor) ||
        cursor.query_hash != query_hash(page) || cursor.key_count != 1 ||
        !sv_to_i64(cursor.keys[0], 0, INT64_MAX, &line))
        return false;
    page->after = cursor.keys[0];
    return true;
}

/* False when a parameter is none, or has no such value. The cursor is read last: it belongs to the
 * rest. */
static bool read_query(struct req *r, struct page *page, struct sv *out_name)
{
    const struct sv *cursor = req_query(r, SV("cursor"));

    for (size_t i = 0; i < r->query_count; i++) {
        struct sv name = r->query[i].name;
        struct sv value = r->query[i].value;

        *out_name = name;
        if (req_query(r, name) != &r->query[i].value)
            return false;
        if (sv_eq(name, SV("outcome")) && is_outcome(value))
            page->outcome = value;
        else if (!(sv_eq(name, SV("limit")) &&
                   sv_to_i64(value, 1, LIST_LIMIT_MOST, &page->limit)) &&
                 !sv_eq(name, SV("cursor")))
            return false;
    }
    *out_name = SV("cursor");
    return !cursor || read_cursor(r, page, *cursor);
}

static struct sv cursor_behind(struct req *r, const struct page *page, size_t row)
{
    struct call *call = call_of(r);
    struct cursor cursor = {.query_hash = query_hash(page), .key_count = 1};

    cursor.keys[0] = db_text(call->unit, page->rows, row, "line");
    return cursor_write(r->arena, call->api->cursor_key, &cursor);
}

static void reply_next(struct req *r, const struct page *page, struct sv cursor)
{
    struct sv outcome =
        page->outcome.n ? arena_printf(r->arena, "&outcome=%.*s", SV_ARG(page->outcome)) : SV("");

    reply_field(r, "Link",
                arena_printf(r->arena, "<%.*s?limit=%lld%.*s&cursor=%.*s>; rel=\"next\"",
                             SV_ARG(r->target.path), (long long)page->limit, SV_ARG(outcome),
                             SV_ARG(cursor)));
}

static STEP(got_rows)
{
    struct call *call = call_of(r);
    const struct page *page = call->state;
    size_t count = db_row_count(call->unit, page->rows);
    size_t shown = size_min(count, (size_t)page->limit);
    struct str *body = str_new_in(r->arena, PAGE_BYTES);

    if (db_row_count(call->unit, page->got) == 0)
        return fail(r, ERR_NOT_FOUND);
    STR_ADD(body, "{\"data\":[");
    for (size_t i = 0; i < shown; i++) {
        struct sv row = db_text(call->unit, page->rows, i, "body");

        if (i && str_view(body).n + row.n > PAGE_BYTES - REST_BYTES) {
            shown = i;
            break;
        }
        if (i)
            str_add_char(body, ',');
        str_add(body, row);
    }
    if (count > shown) {
        struct sv cursor = cursor_behind(r, page, shown - 1);

        reply_next(r, page, cursor);
        str_addf(body, "],\"page\":{\"next_cursor\":\"%.*s\",\"has_more\":true}}", SV_ARG(cursor));
    } else {
        STR_ADD(body, "],\"page\":{\"next_cursor\":null,\"has_more\":false}}");
    }
    ENSURE(!str_failed(body));
    reply_field(r, "Cache-Control", SV("private, no-cache"));
    return reply_json(r, 200, str_view(body));
}

STEP(import_rows)
{
    struct page *page = ARENA_NEW(r->arena, page);
    struct sv name = SV_NONE;
    struct call *call;
    const char *limit;

    page->limit = LIST_LIMIT_DEFAULT;
    page->after = SV("0");
    if (!uuid_parse(r->captures[0], &page->import))
        return fail(r, ERR_NOT_FOUND);
    if (!read_query(r, page, &name)) {
        struct json_fault fault = {path_pointer(r->arena, &(struct path){.key = name}),
                                   JSON_FAULT_INVALID_PARAMETER,
                                   SV("It is no parameter of this, or has no such value.")};

        return fail_fields(r, ERR_INVALID_QUERY, fault.detail, &fault, 1);
    }
    limit = arena_printf(r->arena, "%lld", (long long)page->limit + 1).p;
    call = call_begin(r, CALL_LIST, sv_of(res_import.readers));
    call->state = page;
    page->got = call_add(call, &res_import.ready->get, page->import.text);
    page->rows = page->outcome.n ? call_add(call, STMT(import_rows_by_outcome), page->import.text,
                                            arena_cstr(r->arena, page->after), limit,
                                            arena_cstr(r->arena, page->outcome))
                                 : call_add(call, STMT(import_rows), page->import.text,
                                            arena_cstr(r->arena, page->after), limit);
    return call_run(r, got_rows);
}
