/* A list's query, parameter by parameter. */
#include <string.h>

#include "hash.h"
#include "list.h"
#include "json/walk.h"

#define WHY_BYTES KB(2)

struct parse {
    struct req *r;
    struct list_query *query;
    struct list_faults *faults;
    const struct secret_key *cursor_key;
    struct sv cursor_text;
    bool has_sort;
    bool is_export;
};

static struct sv shown(struct sv text)
{
    return sv_head_utf8(text, QUERY_SHOWN_BYTES);
}

KITH_PRINTF(4, 5)
static void fault(struct parse *p, struct sv parameter, enum json_fault_code code, const char *fmt,
                  ...)
{
    struct json_fault *one;
    char why[WHY_BYTES];
    va_list args;

    if (p->faults->count == COUNT_OF(p->faults->faults))
        return;
    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    one = &p->faults->faults[p->faults->count++];
    one->pointer = path_pointer(p->r->arena, &(struct path){.key = shown(parameter)});
    one->code = code;
    one->detail = arena_printf(p->r->arena, "\"%.*s\" %s.", SV_ARG(shown(parameter)), why);
}

static void parse_limit(struct parse *p, struct sv value)
{
    if (!sv_to_i64(value, 1, LIST_LIMIT_MOST, &p->query->limit))
        fault(p, SV("limit"), JSON_FAULT_INVALID_PARAMETER, "must be a whole number from 1 to %d",
              LIST_LIMIT_MOST);
}

static void parse_archived(struct parse *p, struct sv value)
{
    if (p->query->ready->resource->is_record)
        fault(p, SV("archived"), JSON_FAULT_UNKNOWN_PARAMETER, "is not a parameter of this list");
    else if (sv_eq(value, SV("exclude")))
        p->query->archived = ARCHIVED_EXCLUDE;
    else if (sv_eq(value, SV("include")))
        p->query->archived = ARCHIVED_INCLUDE;
    else if (sv_eq(value, SV("only")))
        p->query->archived = ARCHIVED_ONLY;
    else
        fault(p, SV("archived"), JSON_FAULT_INVALID_PARAMETER,
              "must be \"exclude\", \"include\" or \"only\"");
}

static void parse_cursor(struct parse *p, struct sv value)
{
    p->cursor_text = value;
}

static bool sorts_by(const struct list_query *query, const struct resource_field *field)
{
    for (size_t i = 0; i < query->sort_count; i++) {
        if (query->sorts[i].field == field)
            return true;
    }
    return false;
}

static void parse_search(struct parse *p, struct sv value)
{
    static const struct json_field field =
        JSON_FIELD("q", FIELD_TEXT, .min = 1, .max = LIST_SEARCH);
    struct json_value bound;
    struct json_fault why;

    if (!p->query->ready->resource->searched)
        fault(p, SV("q"), JSON_FAULT_UNKNOWN_PARAMETER, "is not a parameter of this list");
    else if (!json_bind_text(p->r->arena, &field, value, &bound, &why))
        fault(p, SV("q"), why.code, "%.*s", SV_ARG(why.detail));
    else
        p->query->search = bound.text.p;
}

static void parse_saved_filter(struct parse *p, struct sv value)
{
    static const struct json_field field = JSON_FIELD("saved_filter", FIELD_UUID);
    struct json_value bound;
    struct json_fault why;

    if (!p->query->ready->resource->has_saved_filters)
        fault(p, SV("saved_filter"), JSON_FAULT_UNKNOWN_PARAMETER,
              "is not a parameter of this list");
    else if (!json_bind_text(p->r->arena, &field, value, &bound, &why))
        fault(p, SV("saved_filter"), why.code, "%.*s", SV_ARG(why.detail));
    else
        p->query->saved_filter = bound.text.p;
}

static void parse_sort(struct parse *p, struct sv value)
{
    struct list_query *query = p->query;
    struct sv term;

    p->has_sort = true;
    query->sort_count = 0;
    while (sv_split(&value, ',', &term)) {
        bool descending = sv_starts_with(term, SV("-"));
        const struct resource_field *field =
            resource_field_find(query->ready, sv_skip(term, descending ? 1 : 0));

        if (!field || !(field->use & FIELD_SORTS) || sorts_by(query, field)) {
            fault(p, SV("sort"), JSON_FAULT_INVALID_PARAMETER,
                  "cannot be by \"%.*s\" here, or not twice", SV_ARG(shown(term)));
            return;
        }
        if (query->sort_count == LIST_SORTS) {
            fault(p, SV("sort"), JSON_FAULT_TOO_MANY_ITEMS, "takes at most %d fields", LIST_SORTS);
            return;
        }
        query->sorts[query->sort_count++] = (struct list_sort){field, descending};
    }
}

static void parse_fields(struct parse *p, struct sv value)
{
    struct sv why = view_read_fields(p->r->arena, &p->query->view, value);

    if (why.n)
        fault(p, SV("fields"), JSON_FAULT_INVALID_PARAMETER, "%.*s", SV_ARG(why));
}

static void parse_expand(struct parse *p, struct sv value)
{
    struct sv why = view_read_expand(p->r->arena, &p->query->view, value);

    if (why.n)
        fault(p, SV("expand"), JSON_FAULT_INVALID_PARAMETER, "%.*s", SV_ARG(why));
}

static void parse_count(struct parse *p, struct sv value)
{
    p->query->counts = sv_eq(value, SV("exact"));
    if (!p->query->counts)
        fault(p, SV("count"), JSON_FAULT_INVALID_PARAMETER, "must be \"exact\"");
}

struct comparison {
    const char *suffix;
    const char *compare; /* NULL: the value says which */
    unsigned needed;     /* one of these uses of the field */
    bool is_list;        /* its value may be several, separated by commas */
};

/* "created_at[gte]" gives "created_at" and the row of [gte]. */
static const struct comparison *take_comparison(struct sv *name)
{
    static const struct comparison comparisons[] = {
        {"[gte]", ">=", FIELD_RANGES, false}, {"[gt]", ">", FIELD_RANGES, false},
        {"[lte]", "<=", FIELD_RANGES, false}, {"[lt]", "<", FIELD_RANGES, false},
        {"[eq]", "=", FIELD_FILTERS, false},  {"[is]", NULL, FIELD_FILTERS | FIELD_RANGES, false},
        {"", "=", FIELD_FILTERS, true},
    };
    const struct comparison *one = comparisons;

    while (!sv_ends_with(*name, sv_of(one->suffix)))
        one++;
    name->n -= strlen(one->suffix);
    return one;
}

static bool is_known(const struct resource_field *field, const struct comparison *comparison)
{
    return field && field->use & comparison->needed &&
           (comparison->compare || field->json.flags & FIELD_NULLABLE);
}

static void take_value(struct parse *p, struct list_filter *filter, struct sv parameter,
                       struct sv value)
{
    struct json_value bound;
    struct json_fault why;

    if (filter->value_count == LIST_VALUES)
        fault(p, parameter, JSON_FAULT_TOO_MANY_ITEMS, "takes at most %d values", LIST_VALUES);
    else if (p->query->value_count == LIST_VALUES_IN_ALL)
        fault(p, parameter, JSON_FAULT_TOO_MANY_ITEMS, "is past the %d values of all filters",
              LIST_VALUES_IN_ALL);
    else if (!json_bind_text(p->r->arena, &filter->field->json, value, &bound, &why))
        fault(p, parameter, why.code, "%.*s", SV_ARG(why.detail));
    else {
        filter->values[filter->value_count++] = bound.text.p;
        p->query->value_count++;
    }
}

/* Until the first that is at fault. */
static void take_values(struct parse *p, struct list_filter *filter, struct sv parameter,
                        struct sv values)
{
    size_t faults = p->faults->count;
    struct sv one;

    while (p->faults->count == faults && sv_split(&values, ',', &one))
        take_value(p, filter, parameter, one);
}

/* "null" and "not_null", for [is]; NULL when it is neither. */
static const char *read_is(struct parse *p, struct sv parameter, struct sv value)
{
    if (sv_eq(value, SV("null")))
        return "IS NULL";
    if (sv_eq(value, SV("not_null")))
        return "IS NOT NULL";
    fault(p, parameter, JSON_FAULT_INVALID_PARAMETER, "must be \"null\" or \"not_null\"");
    return NULL;
}

static struct list_filter *find_filter(struct list_query *query, const struct resource_field *field,
                                       const char *compare)
{
    for (size_t i = 0; i < query->filter_count; i++) {
        if (query->filters[i].field == field && strcmp(query->filters[i].compare, compare) == 0)
            return &query->filters[i];
    }
    return NULL;
}

/* The filter that the parameter is of: alternatives of one field are one filter. */
static struct list_filter *filter_for(struct parse *p, struct sv parameter,
                                      const struct resource_field *field, const char *compare)
{
    struct list_query *query = p->query;
    struct list_filter *filter = find_filter(query, field, compare);

    if (filter && strcmp(compare, "=") != 0) {
        fault(p, parameter, JSON_FAULT_INVALID_PARAMETER, "stands twice");
        return NULL;
    }
    if (!filter && query->filter_count == LIST_FILTERS) {
        fault(p, parameter, JSON_FAULT_TOO_MANY_ITEMS, "is one filter too many");
        return NULL;
    }
    if (!filter) {
        filter = &query->filters[query->filter_count++];
        *filter = (struct list_filter){.field = field, .compare = compare};
    }
    return filter;
}

static void parse_filter(struct parse *p, struct sv parameter, struct sv value)
{
    struct sv name = parameter;
    const struct comparison *comparison = take_comparison(&name);
    const struct resource_field *field = resource_filter_find(p->query->ready, name);
    const char *compare = comparison->compare;
    struct list_filter *filter;

    if (!is_known(field, comparison)) {
        fault(p, parameter, JSON_FAULT_UNKNOWN_PARAMETER, "is not a parameter of this list");
        return;
    }
    if (!compare && !(compare = read_is(p, parameter, value)))
        return;
    filter = filter_for(p, parameter, field, compare);
    if (!filter || !comparison->compare)
        return;
    if (comparison->is_list)
        take_values(p, filter, parameter, value);
    else
        take_value(p, filter, parameter, value);
}

static const struct {
    const char *name;
    void (*parse)(struct parse *p, struct sv value);
    bool is_of_pages;
} parameters[] = {
    {"limit", parse_limit, true},
    {"cursor", parse_cursor, true},
    {"sort", parse_sort, false},
    {"archived", parse_archived, false},
    {"fields", parse_fields, false},
    {"expand", parse_expand, true},
    {"count", parse_count, true},
    {"q", parse_search, false},
    {"saved_filter", parse_saved_filter, false},
};

static bool is_repeated(const struct req *r, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (sv_eq(r->query[i].name, r->query[at].name))
            return true;
    }
    return false;
}

static void parse_one(struct parse *p, size_t at)
{
    const struct http_param *param = &p->r->query[at];

    for (size_t i = 0; i < COUNT_OF(parameters); i++) {
        if (!sv_eq(param->name, sv_of(parameters[i].name)))
            continue;
        if (is_repeated(p->r, at))
            fault(p, param->name, JSON_FAULT_INVALID_PARAMETER, "stands twice");
        else if (p->is_export && parameters[i].is_of_pages)
            fault(p, param->name, JSON_FAULT_INVALID_PARAMETER,
                  "is not for a file, which has all rows");
        else
            parameters[i].parse(p, param->value);
        return;
    }
    parse_filter(p, param->name, param->value);
}

/* Of what must stay the same from page to page. The cursor's MAC protects it. */
static uint32_t hash_of(const struct req *r)
{
    uint32_t hash = hash_add(HASH_START, r->target.path);

    for (size_t i = 0; i < r->query_count; i++) {
        if (sv_eq(r->query[i].name, SV("cursor")) || sv_eq(r->query[i].name, SV("limit")))
            continue;
        hash = hash_add(hash_add(hash, r->query[i].name), r->query[i].value);
    }
    return hash;
}

static void read_cursor(struct parse *p)
{
    struct list_query *query = p->query;
    struct cursor *cursor = &query->cursor;

    query->has_cursor = true;
    if (!cursor_read(p->r->arena, p->cursor_key, p->cursor_text, cursor))
        fault(p, SV("cursor"), JSON_FAULT_INVALID_PARAMETER, "is not one that this server made");
    else if (cursor->query_hash != query->hash || cursor->key_count != query->sort_count + 1)
        fault(p, SV("cursor"), JSON_FAULT_INVALID_PARAMETER, "belongs to another query");
}

bool list_parse(struct req *r, const struct resource_ready *ready, bool is_export,
                const struct secret_key *cursor_key, struct list_query *out,
                struct list_faults *faults)
{
    struct parse p = {
        .r = r, .query = out, .faults = faults, .cursor_key = cursor_key, .is_export = is_export};

    *out =
        (struct list_query){.ready = ready, .view = {.ready = ready}, .limit = LIST_LIMIT_DEFAULT};
    faults->count = 0;
    out->hash = hash_of(r);
    parse_sort(&p, sv_of(ready->resource->default_sort));
    p.has_sort = false;
    for (size_t i = 0; i < r->query_count; i++)
        parse_one(&p, i);
    if (out->search && !p.has_sort)
        out->sorts[0] = (struct list_sort){&list_relevance, false};
    if (p.cursor_text.p)
        read_cursor(&p);
    return faults->count == 0;
}
