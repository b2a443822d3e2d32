/* GET of many: a page, and where it goes on. */
#include "base/encode.h"
#include "base/str.h"
#include "call.h"
#include "export.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "http/router.h"
#include "list.h"
#include "use.h"

#define PAGE_BYTES      MB(16)
#define PAGE_REST_BYTES KB(16) /* what comes after the rows, the cursor with it */
#define LINK_BYTES      KB(16)

/* The cursor behind the last row of the page. */
static struct sv next_cursor(struct req *r, const struct list_query *query, size_t last)
{
    static const char *const columns[CURSOR_KEYS] = {"k0", "k1", "k2", "k3", "k4", "k5"};
    struct call *call = call_of(r);
    struct cursor cursor = {.query_hash = query->hash, .key_count = query->sort_count + 1};

    for (size_t i = 0; i < cursor.key_count; i++)
        cursor.keys[i] = db_text(call->unit, 1, last, columns[i]);
    return cursor_write(r->arena, call->api->cursor_key, &cursor);
}

/* Link: the same query with the next cursor (RFC 8288). */
static void reply_link(struct req *r, struct sv cursor)
{
    struct str link;

    str_init(&link, LINK_BYTES);
    str_addf(&link, "<%.*s?", SV_ARG(r->target.path));
    for (size_t i = 0; i < r->query_count; i++) {
        if (sv_eq(r->query[i].name, SV("cursor")))
            continue;
        str_add(&link, percent_encode(r->arena, r->query[i].name));
        str_add_char(&link, '=');
        str_add(&link, percent_encode(r->arena, r->query[i].value));
        str_add_char(&link, '&');
    }
    str_addf(&link, "cursor=%.*s>; rel=\"next\"", SV_ARG(cursor));
    if (!str_failed(&link))
        reply_field(r, "Link", str_view(&link));
    str_fini(&link);
}

/* Adds at most `most` rows, fewer where they are so large that the page would be; how many. */
static size_t add_rows(struct call *call, size_t most, struct str *page)
{
    for (size_t i = 0; i < most; i++) {
        struct sv body = db_text(call->unit, 1, i, "body");

        if (i && str_view(page).n + body.n > PAGE_BYTES - PAGE_REST_BYTES)
            return i;
        if (i)
            str_add_char(page, ',');
        str_add(page, body);
    }
    return most;
}

/* After "data": what there is beside this page. */
static void add_page(struct req *r, struct str *page, const struct list_query *query, bool has_more,
                     size_t last)
{
    struct call *call = call_of(r);

    STR_ADD(page, "],\"page\":{\"next_cursor\":");
    if (has_more) {
        struct sv cursor = next_cursor(r, query, last);

        reply_link(r, cursor);
        str_addf(page, "\"%.*s\",\"has_more\":true", SV_ARG(cursor));
    } else {
        STR_ADD(page, "null,\"has_more\":false");
    }
    if (query->counts) {
        int64_t total = db_int(call->unit, 2, 0, "total");

        STR_ADD(page, ",\"total\":");
        str_add_i64(page, total);
        str_addf(page, ",\"total_is_capped\":%s", total == LIST_COUNTED ? "true" : "false");
    }
    STR_ADD(page, "}}");
}

static STEP(got_page)
{
    struct call *call = call_of(r);
    const struct list_query *query = call->state;
    size_t rows = db_row_count(call->unit, 1);
    struct str *page = str_new_in(r->arena, PAGE_BYTES);
    size_t shown;

    STR_ADD(page, "{\"data\":[");
    shown = add_rows(call, size_min(rows, (size_t)query->limit), page);
    add_page(r, page, query, rows > shown, shown - 1);
    ENSURE(!str_failed(page));
    reply_field(r, "Cache-Control", SV("private, no-cache"));
    return reply_json(r, 200, str_view(page));
}

enum offer { OFFER_JSON, OFFER_CSV, OFFER_SHEET };
static const struct sv offers[] = {
    [OFFER_JSON] = {"application/json", 16},
    [OFFER_CSV] = {EXPORT_MEDIA_TYPE, sizeof EXPORT_MEDIA_TYPE - 1},
    [OFFER_SHEET] = {EXPORT_SHEET_TYPE, sizeof EXPORT_SHEET_TYPE - 1},
};

STEP(resource_list)
{
    const struct resource *resource = r->route->what;
    struct list_query *query = ARENA_NEW(r->arena, list_query);
    struct call *call = call_of(r);
    const struct db_statement *statement;
    struct list_faults faults;
    const char **params;
    int offer = http_accept_best(&r->head, offers, COUNT_OF(offers));

    reply_field(r, "Vary", SV("Accept"));
    if (offer < 0)
        return fail(r, ERR_NOT_ACCEPTABLE);
    if (!list_parse(r, resource->ready, offer != OFFER_JSON, call->api->cursor_key, query, &faults))
        return fail_fields(r, ERR_INVALID_QUERY, SV("Some parameters of the query are not valid."),
                           faults.faults, faults.count);
    use_view(r, &query->view);
    if (offer != OFFER_JSON)
        return export_list(r, query, offer == OFFER_SHEET);
    call_shows_private(r, view_private_readers(r->arena, &query->view));
    call_begin(r, CALL_LIST, sv_of(resource->readers));
    call->state = query;
    statement = list_statement(r->arena, query, &params);
    db_unit_add(call->unit, statement, params, statement->param_count);
    if (query->counts) {
        statement = list_count_statement(r->arena, query, LIST_COUNTED, &params);
        db_unit_add(call->unit, statement, params, statement->param_count);
    }
    if (query->saved_filter)
        call_add(call, STMT(saved_filter_check), query->saved_filter, resource->plural);
    if (!call->is_known && view_is_recorded(&query->view)) {
        statement = list_record_statement(r->arena, query, &params);
        call_record_read(r, statement, params);
    }
    return call_run(r, got_page);
}
