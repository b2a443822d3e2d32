/* The page that people read: plain HTML of the same tables, without a script; its one style is
 * named by its hash in the page's security policy. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "base/errors.h"
#include "base/secret.h"
#include "list.h"
#include "openapi/openapi.h"
#include "openapi/operation.h"
#include "openapi/schema.h"

#define STYLE                                                                                 \
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}"     \
    "table{border-collapse:collapse;width:100%}"                                              \
    "caption{text-align:left;font-weight:bold;padding:.5rem 0}"                               \
    "th,td{border:1px solid #767676;padding:.25rem .5rem;text-align:left;vertical-align:top}" \
    "code{font-size:1em}"

static void add_escaped(struct str *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '<')
            STR_ADD(out, "&lt;");
        else if (*text == '>')
            STR_ADD(out, "&gt;");
        else if (*text == '&')
            STR_ADD(out, "&amp;");
        else if (*text == '"')
            STR_ADD(out, "&quot;");
        else
            str_add_char(out, *text);
    }
}

static void add_code(struct str *out, const char *text)
{
    STR_ADD(out, "<code>");
    add_escaped(out, text);
    STR_ADD(out, "</code>");
}

/* In words, for readers. */
static const char *type_name(enum json_field_type type)
{
    static const char *const names[FIELD_TYPE_COUNT] = {
        [FIELD_TEXT] = "text, one line",
        [FIELD_LONG_TEXT] = "text",
        [FIELD_EMAIL] = "e-mail address",
        [FIELD_URL] = "http or https address",
        [FIELD_UUID] = "id",
        [FIELD_ENUM] = "one of",
        [FIELD_INT] = "whole number",
        [FIELD_DECIMAL] = "decimal number, as text",
        [FIELD_BOOL] = "true or false",
        [FIELD_DATE] = "date, YYYY-MM-DD",
        [FIELD_INSTANT] = "instant, RFC 3339",
        [FIELD_LOCALE] = "language tag",
        [FIELD_ZONE] = "IANA time zone",
        [FIELD_ANY] = "any JSON",
        [FIELD_OBJECT] = "object",
        [FIELD_LIST] = "list",
        [FIELD_MAP] = "map",
    };

    return names[type];
}

static bool has_limits(enum json_field_type type)
{
    return type == FIELD_TEXT || type == FIELD_LONG_TEXT || type == FIELD_EMAIL ||
           type == FIELD_URL || type == FIELD_INT || type == FIELD_LIST || type == FIELD_MAP;
}

static void add_type(struct str *out, const struct json_field *field)
{
    struct json_limits limits = json_field_limits(field);

    add_escaped(out, type_name(field->type));
    for (size_t i = 0; field->type == FIELD_ENUM && field->values[i]; i++) {
        str_add(out, i ? SV(", ") : SV(" "));
        add_code(out, field->values[i]);
    }
    if (field->type == FIELD_LIST) {
        STR_ADD(out, " of ");
        add_escaped(out, type_name(field->item->type));
    }
    if (has_limits(field->type) && limits.max != INT64_MAX)
        str_addf(out, "; %" PRId64 " to %" PRId64, limits.min, limits.max);
}

static void add_word(struct str *out, const char *word, bool *is_first)
{
    if (!*is_first)
        STR_ADD(out, ", ");
    add_escaped(out, word);
    *is_first = false;
}

static void add_flags(struct str *out, const struct resource_field *field)
{
    static const struct {
        unsigned flag;
        const char *word;
    } flags[] = {{FIELD_REQUIRED, "required"},
                 {FIELD_NULLABLE, "may be null"},
                 {FIELD_READ_ONLY, "read only"},
                 {FIELD_CREATE_ONLY, "at create only"},
                 {FIELD_UNIQUE, "no item twice"}};
    static const struct {
        unsigned use;
        const char *word;
    } uses[] = {{FIELD_FILTERS, "filters"}, {FIELD_RANGES, "compares"}, {FIELD_SORTS, "sorts"}};
    bool is_first = true;

    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        if (field->json.flags & flags[i].flag)
            add_word(out, flags[i].word, &is_first);
    }
    for (size_t i = 0; i < COUNT_OF(uses); i++) {
        if (field->use & uses[i].use)
            add_word(out, uses[i].word, &is_first);
    }
}

static void add_field(struct str *out, const struct resource_field *field)
{
    STR_ADD(out, "<tr><th scope=\"row\">");
    add_code(out, field->json.name);
    STR_ADD(out, "</th><td>");
    add_type(out, &field->json);
    STR_ADD(out, "</td><td>");
    add_flags(out, field);
    STR_ADD(out, "</td><td>");
    if (field->json.doc)
        add_escaped(out, field->json.doc);
    if (field->ref)
        str_addf(out, " The id of a %s.", field->ref->name);
    if (field->readers) {
        STR_ADD(out, " Read by ");
        add_escaped(out, field->readers);
        STR_ADD(out, "; null for others.");
    }
    STR_ADD(out, "</td></tr>\n");
}

static void add_fields(struct str *out, const struct resource *resource)
{
    const struct resource_ready *ready = resource->ready;

    STR_ADD(out, "<table><caption>Fields</caption><thead><tr><th scope=\"col\">Name</th>"
                 "<th scope=\"col\">Type and limits</th><th scope=\"col\">Rules and lists</th>"
                 "<th scope=\"col\">Meaning</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < ready->field_count; i++)
        add_field(out, &ready->fields[i]);
    STR_ADD(out, "</tbody></table>\n");
    if (ready->expand_count)
        STR_ADD(out, "<p>Expands:");
    for (size_t i = 0; i < ready->expand_count; i++)
        str_addf(out, "%s <code>%s</code>", i ? "," : "", ready->expands[i].name);
    if (ready->expand_count)
        STR_ADD(out, ".</p>\n");
    STR_ADD(out, "<p>Read by ");
    add_escaped(out, resource->readers);
    str_add(out, sv_of(resource->is_record ? ". Never written by requests." : "."));
    if (resource->writers) {
        STR_ADD(out, " Written by ");
        add_escaped(out, resource->writers);
        STR_ADD(out, ". ");
        resource_add_rule(out, resource);
    }
    STR_ADD(out, "</p>\n");
}

struct statuses {
    struct str *out;
    const struct operation *operation;
};

static void add_status(int status, void *arg)
{
    const struct statuses *statuses = arg;

    if (operation_can_fail(statuses->operation, status))
        str_addf(statuses->out, " <a href=\"#status-%d\">%d</a>", status, status);
}

static void add_operation(struct str *out, const struct operation *operation)
{
    const char *media_type = operation_media_type(operation);
    struct statuses statuses = {out, operation};

    STR_ADD(out, "<h3 id=\"");
    operation_add_id(out, operation);
    STR_ADD(out, "\">");
    operation_add_summary(out, operation);
    STR_ADD(out, "</h3>\n<p><code>");
    str_addf(out, "%s ", http_method_name(operation->route->method));
    add_escaped(out, operation->route->pattern);
    STR_ADD(out, "</code></p>\n<ul>");
    if (operation->is_public)
        STR_ADD(out, "<li>Needs no sign-in.</li>");
    if (media_type)
        str_addf(out, "<li>Takes a body of <code>%s</code>.</li>", media_type);
    if (operation->kind->body == BODY_CSV)
        STR_ADD(out,
                "<li>Or of <code>application/json</code>, an array of 10,000 objects at most, or "
                "<code>application/x-ndjson</code>, an object a line.</li>");
    if (operation->kind->fields & TAKES_IF_MATCH)
        STR_ADD(out, "<li>Takes If-Match with the ETag.</li>");
    if (operation->kind->fields & TAKES_IDEMPOTENCY_KEY)
        STR_ADD(out, "<li>Takes an Idempotency-Key.</li>");
    if (operation->kind->fields & TAKES_IF_NONE_MATCH)
        STR_ADD(out, "<li>Takes If-None-Match: 304.</li>");
    if (operation->kind->handle)
        str_addf(out, "<li>Success: %d.</li>", operation->kind->status);
    STR_ADD(out, "<li>Errors:");
    operation_each_error_status(add_status, &statuses);
    STR_ADD(out, "</li></ul>\n");
}

/* A section with all operations of a tag; its fields after its heading. */
static void add_section(struct str *out, const struct operations *all, size_t first)
{
    const struct operation *operation = &all->rows[first];
    const char *tag = operation_tag(operation);

    str_addf(out, "<section aria-labelledby=\"tag-%s\"><h2 id=\"tag-%s\">%s</h2>\n", tag, tag, tag);
    if (operation_tag_doc(operation)) {
        STR_ADD(out, "<p>");
        add_escaped(out, operation_tag_doc(operation));
        STR_ADD(out, "</p>\n");
    }
    if (operation->resource)
        add_fields(out, operation->resource);
    for (size_t i = first; i < all->count; i++) {
        if (strcmp(operation_tag(&all->rows[i]), tag) == 0)
            add_operation(out, &all->rows[i]);
    }
    STR_ADD(out, "</section>\n");
}

static void add_contents(struct str *out, const struct operations *all)
{
    STR_ADD(out, "<nav aria-label=\"Contents\"><ul>\n<li><a href=\"#requests\">Requests</a></li>");
    for (size_t i = 0; i < all->count; i++) {
        const char *tag = operation_tag(&all->rows[i]);

        if (all->rows[i].is_first_of_tag)
            str_addf(out, "<li><a href=\"#tag-%s\">%s</a></li>\n", tag, tag);
    }
    STR_ADD(out, "<li><a href=\"#errors\">Errors</a></li></ul></nav>\n<main>\n");
}

static void add_requests(struct str *out)
{
    STR_ADD(
        out,
        "<h2 id=\"requests\">Requests</h2>\n<p>Sign in with <code>Authorization: Bearer "
        "kith_\342\200\246</code>. Bodies are JSON in UTF-8; unknown members and parameters are "
        "refused. The same in OpenAPI 3.1: <a href=\"/openapi.json\">/openapi.json</a>.</p>\n");
    str_addf(out,
             "<p>Lists take <code>limit</code> (1 to %d, usually %d), <code>cursor</code> (of the "
             "page before), <code>sort</code> (at most %d fields, descending after "
             "\"-\"), <code>archived</code> (exclude, include or only), "
             "<code>count=exact</code> (<code>page.total</code>, at most %d), a filter "
             "<code>name=value</code> of at most %d values with commas between them for fields "
             "that filter (<code>name[eq]=value</code> where a value has a comma in it; repeat "
             "either for alternatives), <code>name[gte]=</code>, <code>[gt]</code>, "
             "<code>[lte]</code>, <code>[lt]</code> for fields that compare, and for both "
             "<code>name[is]=null</code> or <code>not_null</code> where they may be null.</p>\n",
             LIST_LIMIT_MOST, LIST_LIMIT_DEFAULT, LIST_SORTS, LIST_COUNTED, LIST_VALUES);
    str_addf(out,
             "<p>Lists and single resources take <code>fields</code> (names; the id is always "
             "given) and <code>expand</code> (at most %d): what an id refers to, and rows that "
             "refer to it, %d of them at most and in a list %d.</p>\n",
             VIEW_EXPANDS, VIEW_EMBEDDED, VIEW_EMBEDDED_IN_LIST);
    STR_ADD(out, "<p>With <code>Accept: text/csv</code> a list is a file of all its rows. Take one "
                 "apostrophe off the front of a text that begins with one: it keeps spreadsheets "
                 "from running the text as a formula.</p>\n");
}

static void add_error_rows(int status, void *arg)
{
    struct str *out = arg;
    bool is_first = true;

    for (int code = 0; code < ERROR_COUNT; code++) {
        const struct error *error = error_of((enum error_code)code);

        if (error->status != status)
            continue;
        if (is_first)
            str_addf(out, "<tr id=\"status-%d\">", status);
        else
            STR_ADD(out, "<tr>");
        str_addf(out, "<th scope=\"row\">%d</th><td><code>/problems/%s</code></td><td>", status,
                 error->type);
        add_escaped(out, error->title);
        STR_ADD(out, "</td></tr>\n");
        is_first = false;
    }
}

static void add_errors(struct str *out)
{
    STR_ADD(out, "<h2 id=\"errors\">Errors</h2>\n<p>Each is a problem document (RFC 9457), "
                 "<code>application/problem+json</code>; for input, <code>errors</code> has a "
                 "pointer, a code and a sentence for everything that is wrong.</p>\n"
                 "<table><caption>Kinds of errors</caption><thead><tr><th scope=\"col\">Status"
                 "</th><th scope=\"col\">Type</th><th scope=\"col\">Meaning</th></tr></thead>"
                 "<tbody>\n");
    operation_each_error_status(add_error_rows, out);
    STR_ADD(out, "</tbody></table>\n");
}

/* CSP 3 §2.3.1: base64 with padding, of SHA-256. */
static struct sv policy(struct arena *arena)
{
    struct sv hex = secret_sha256_hex(arena, SV(STYLE));
    char bytes[SECRET_HEX_LENGTH / 2];
    struct sv text;
    char *base64;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(char_hex_value(hex.p[2 * i]) * 16 + char_hex_value(hex.p[2 * i + 1]));
    text = base64url_encode(arena, (struct sv){bytes, sizeof bytes});
    base64 = arena_alloc(arena, text.n + 1);
    for (size_t i = 0; i < text.n; i++)
        base64[i] = text.p[i] == '-' ? '+' : text.p[i] == '_' ? '/' : text.p[i];
    base64[text.n] = '\0';
    return arena_printf(arena,
                        "default-src 'none'; style-src 'sha256-%s='; base-uri 'none'; "
                        "form-action 'none'; frame-ancestors 'none'",
                        base64);
}

void docs_write(struct document *out, const struct operations *all)
{
    struct arena *arena = arena_new(KB(4));
    struct str *page = &out->bytes;

    str_init(page, DOCUMENT_BYTES);
    STR_ADD(page, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                  "<title>Kith: the API</title><style>" STYLE "</style></head>\n<body>\n"
                  "<h1>Kith: the API</h1>\n");
    add_contents(page, all);
    add_requests(page);
    for (size_t i = 0; i < all->count; i++) {
        if (all->rows[i].is_first_of_tag)
            add_section(page, all, i);
    }
    add_errors(page);
    STR_ADD(page, "</main>\n</body></html>\n");
    document_finish(out, policy(arena));
    arena_free(arena);
}
