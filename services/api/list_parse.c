/* A list's query, parameter by parameter. */
#include <string.h>

#include "list.h"
#include "json/walk.h"

#define SHOWN_BYTES 64 /* of what a client wrote, in an error */

struct parse {
    struct req *r;
    struct list_query *query;
    struct list_faults *faults;
    const struct secret_key *cursor_key;
    struct sv cursor_text;
};

/* Cut between characters. */
static struct sv shown(struct sv text)
{
    size_t n = size_min(text.n, SHOWN_BYTES);

    while (n && n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    return sv_head(text, n);
}

KITH_PRINTF(4, 5)
static void fault(struct parse *p, struct sv parameter, enum json_fault_code code, const char *fmt,
                  ...)
{
    struct json_fault *one;
    char why[256];
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
    if (sv_eq(value, SV("exclude")))
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

static void parse_sort(struct parse *p, struct sv value)
{
    struct list_query *query = p->query;
    struct sv term;

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

/* "created_at[gte]" gives "created_at" and ">=". */
static const char *take_comparison(struct sv *name)
{
    static const struct {
        const char *suffix;
        const char *compare;
    } comparisons[] = {{"[gte]", ">="}, {"[gt]", ">"}, {"[lte]", "<="}, {"[lt]", "<"}};

    for (size_t i = 0; i < COUNT_OF(comparisons); i++) {
        struct sv suffix = sv_of(comparisons[i].suffix);

        if (sv_ends_with(*name, suffix)) {
            name->n -= suffix.n;
            return comparisons[i].compare;
        }
    }
    return "=";
}

static void take_values(struct parse *p, struct list_filter *filter, struct sv parameter,
                        struct sv value)
{
    bool many = strcmp(filter->compare, "=") == 0;
    struct sv one;

    while (many ? sv_split(&value, ',', &one) : (one = value, filter->value_count == 0)) {
        struct json_value bound;
        struct json_fault why;

        if (filter->value_count == LIST_VALUES) {
            fault(p, parameter, JSON_FAULT_TOO_MANY_ITEMS, "takes at most %d values", LIST_VALUES);
            return;
        }
        if (p->query->value_count == LIST_VALUES_IN_ALL) {
            fault(p, parameter, JSON_FAULT_TOO_MANY_ITEMS, "is past the %d values of all filters",
                  LIST_VALUES_IN_ALL);
            return;
        }
        if (!json_bind_text(p->r->arena, &filter->field->json, one, &bound, &why)) {
            fault(p, parameter, why.code, "%.*s", SV_ARG(why.detail));
            return;
        }
        filter->values[filter->value_count++] = bound.text.p;
        p->query->value_count++;
    }
}

static void parse_filter(struct parse *p, struct sv parameter, struct sv value)
{
    struct sv name = parameter;
    const char *compare = take_comparison(&name);
    unsigned needed = strcmp(compare, "=") == 0 ? FIELD_FILTERS : FIELD_RANGES;
    const struct resource_field *field = resource_field_find(p->query->ready, name);
    struct list_filter *filter;

    if (!field || !(field->use & needed)) {
        fault(p, parameter, JSON_FAULT_UNKNOWN_PARAMETER, "is not a parameter of this list");
        return;
    }
    if (p->query->filter_count == LIST_FILTERS) {
        fault(p, parameter, JSON_FAULT_TOO_MANY_ITEMS, "is one filter too many");
        return;
    }
    filter = &p->query->filters[p->query->filter_count++];
    filter->field = field;
    filter->compare = compare;
    take_values(p, filter, parameter, value);
}

static const struct {
    const char *name;
    void (*parse)(struct parse *p, struct sv value);
} parameters[] = {
    {"limit", parse_limit},
    {"cursor", parse_cursor},
    {"sort", parse_sort},
    {"archived", parse_archived},
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

    if (is_repeated(p->r, at)) {
        fault(p, param->name, JSON_FAULT_INVALID_PARAMETER, "stands twice");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(parameters); i++) {
        if (sv_eq(param->name, sv_of(parameters[i].name))) {
            parameters[i].parse(p, param->value);
            return;
        }
    }
    parse_filter(p, param->name, param->value);
}

static uint32_t add_hash(uint32_t hash, struct sv text)
{
    for (size_t i = 0; i < text.n; i++)
        hash = (hash ^ (unsigned char)text.p[i]) * 16777619u;
    return (hash ^ 0xff) * 16777619u;
}

/* FNV-1a over what must stay the same from page to page. The cursor's MAC protects it. */
static uint32_t hash_of(const struct req *r)
{
    uint32_t hash = add_hash(2166136261u, r->target.path);

    for (size_t i = 0; i < r->query_count; i++) {
        if (sv_eq(r->query[i].name, SV("cursor")) || sv_eq(r->query[i].name, SV("limit")))
            continue;
        hash = add_hash(add_hash(hash, r->query[i].name), r->query[i].value);
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

bool list_parse(struct req *r, const struct resource_ready *ready,
                const struct secret_key *cursor_key, struct list_query *out,
                struct list_faults *faults)
{
    struct parse p = {.r = r, .query = out, .faults = faults, .cursor_key = cursor_key};

    *out = (struct list_query){.ready = ready, .limit = LIST_LIMIT_DEFAULT};
    faults->count = 0;
    out->hash = hash_of(r);
    parse_sort(&p, sv_of(ready->resource->default_sort));
    for (size_t i = 0; i < r->query_count; i++)
        parse_one(&p, i);
    if (p.cursor_text.p)
        read_cursor(&p);
    return faults->count == 0;
}
