/* Parameters of queries, and views. */
#include "openapi/query.h"

#include <stdio.h>

#include "list.h"
#include "openapi/parts.h"
#include "openapi/schema.h"

#define TEXT_OF_(number) #number
#define TEXT_OF(number)  TEXT_OF_(number)
#define NAME_BYTES       128

static void begin_parameter(struct emit *e, const char *name, const char *suffix)
{
    char buffer[NAME_BYTES];
    struct str text;

    str_init_in(&text, buffer, sizeof buffer);
    str_addf(&text, "%s%s", name, suffix);
    ENSURE(!str_failed(&text));
    emit_object_begin(e);
    schema_text(e, "name", str_cstr(&text));
    schema_text(e, "in", "query");
}

static void add_value(struct emit *e, const struct json_field *field)
{
    schema_field(e,
                 &(struct json_field){.name = field->name,
                                      .type = field->type,
                                      .min = field->min,
                                      .max = field->max,
                                      .precision = field->precision,
                                      .scale = field->scale,
                                      .values = field->values},
                 SCHEMA_CREATE, false);
}

static void begin_array(struct emit *e)
{
    emit_key(e, SV("schema"));
    emit_object_begin(e);
    schema_text(e, "type", "array");
    emit_key(e, SV("items"));
}

/* Ends the array's schema, and the parameter. */
static void end_array(struct emit *e, int64_t most, bool explode)
{
    emit_key(e, SV("maxItems"));
    emit_i64(e, most);
    emit_object_end(e);
    schema_text(e, "style", "form");
    emit_key(e, SV("explode"));
    emit_bool(e, explode);
    emit_object_end(e);
}

/* Alternatives: with commas between them, or ([eq]) in a parameter each. */
static void add_filter(struct emit *e, const struct json_field *field, const char *suffix)
{
    bool is_literal = *suffix != '\0';

    begin_parameter(e, field->name, suffix);
    schema_text(e, "description",
                is_literal ? "Alternatives, a parameter each; commas are part of the value."
                           : "Alternatives, separated by commas or in a parameter each.");
    begin_array(e);
    add_value(e, field);
    end_array(e, LIST_VALUES, is_literal);
}

static void add_comparison(struct emit *e, const struct json_field *field, const char *suffix)
{
    begin_parameter(e, field->name, suffix);
    emit_key(e, SV("schema"));
    add_value(e, field);
    emit_object_end(e);
}

static void add_is(struct emit *e, const struct json_field *field)
{
    begin_parameter(e, field->name, "[is]");
    emit_key(e, SV("schema"));
    schema_literal(e, "{'type':'string','enum':['null','not_null']}");
    emit_object_end(e);
}

static void add_sort(struct emit *e, const struct resource *resource)
{
    const struct resource_ready *ready = resource->ready;

    begin_parameter(e, "sort", "");
    schema_text(e, "description",
                "Fields, each descending after a \"-\". The id comes last always.");
    emit_key(e, SV("schema"));
    emit_object_begin(e);
    schema_text(e, "type", "array");
    emit_key(e, SV("items"));
    emit_object_begin(e);
    schema_text(e, "type", "string");
    emit_key(e, SV("enum"));
    emit_array_begin(e);
    for (size_t i = 0; i < ready->field_count; i++) {
        char descending[128] = "-";

        if (!(ready->fields[i].use & FIELD_SORTS))
            continue;
        snprintf(descending + 1, sizeof descending - 1, "%s", ready->fields[i].json.name);
        emit_text(e, sv_of(descending + 1));
        emit_text(e, sv_of(descending));
    }
    emit_array_end(e);
    emit_object_end(e);
    emit_key(e, SV("maxItems"));
    emit_i64(e, LIST_SORTS);
    emit_key(e, SV("default"));
    emit_array_begin(e);
    emit_text(e, sv_of(resource->default_sort));
    emit_array_end(e);
    emit_object_end(e);
    schema_text(e, "style", "form");
    emit_key(e, SV("explode"));
    emit_bool(e, false);
    emit_object_end(e);
}

static void add_search(struct emit *e)
{
    begin_parameter(e, "q", "");
    schema_text(
        e, "description",
        "What it is called: words or how they begin, without regard to case and accents, or "
        "nearly so. The best come first, unless another sort is asked for.");
    emit_key(e, SV("schema"));
    add_value(e, &(struct json_field)JSON_FIELD("q", FIELD_TEXT, .min = 1, .max = LIST_SEARCH));
    emit_object_end(e);
}

static void add_saved_filter(struct emit *e)
{
    begin_parameter(e, "saved_filter", "");
    schema_text(e, "description",
                "What a saved filter of these finds, of what is not archived; with all else that "
                "is asked for. 404: there is none of that id, or it is another one's and not "
                "shared; 422: it is one of something else.");
    emit_key(e, SV("schema"));
    add_value(e, &(struct json_field)JSON_FIELD("saved_filter", FIELD_UUID));
    emit_object_end(e);
}

void openapi_add_list(struct emit *e, const struct resource *resource)
{
    static const char *const comparisons[] = {"[gte]", "[gt]", "[lte]", "[lt]"};
    const struct resource_ready *ready = resource->ready;

    add_sort(e, resource);
    if (resource->searched)
        add_search(e);
    if (resource->has_saved_filters)
        add_saved_filter(e);
    for (size_t i = 0; i < resource->link_count; i++) {
        add_filter(e, &resource->links[i].json, "");
        add_filter(e, &resource->links[i].json, "[eq]");
    }
    for (size_t i = 0; i < ready->field_count; i++) {
        const struct resource_field *field = &ready->fields[i];

        if (field->use & FIELD_FILTERS) {
            add_filter(e, &field->json, "");
            add_filter(e, &field->json, "[eq]");
        }
        for (size_t k = 0; k < COUNT_OF(comparisons) && field->use & FIELD_RANGES; k++)
            add_comparison(e, &field->json, comparisons[k]);
        if (field->use & (FIELD_FILTERS | FIELD_RANGES) && field->json.flags & FIELD_NULLABLE)
            add_is(e, &field->json);
    }
}

/* Names of what there is, some of which may be asked for. */
static void add_names(struct emit *e, const char *name, const char *doc,
                      const char *(*name_at)(const struct resource_ready *ready, size_t i),
                      const struct resource_ready *ready, size_t count, int64_t most)
{
    begin_parameter(e, name, "");
    schema_text(e, "description", doc);
    begin_array(e);
    emit_object_begin(e);
    schema_text(e, "type", "string");
    emit_key(e, SV("enum"));
    emit_array_begin(e);
    for (size_t i = 0; i < count; i++)
        emit_text(e, sv_of(name_at(ready, i)));
    emit_array_end(e);
    emit_object_end(e);
    end_array(e, most, false);
}

static const char *field_name(const struct resource_ready *ready, size_t i)
{
    return ready->fields[i].json.name;
}

static const char *expand_name(const struct resource_ready *ready, size_t i)
{
    return ready->expands[i].name;
}

void openapi_add_query(struct emit *e, const struct json_table *query)
{
    for (size_t i = 0; i < query->field_count; i++) {
        const struct json_field *field = &query->fields[i];

        begin_parameter(e, field->name, "");
        emit_key(e, SV("required"));
        emit_bool(e, field->flags & FIELD_REQUIRED);
        if (field->doc)
            schema_text(e, "description", field->doc);
        emit_key(e, SV("schema"));
        add_value(e, field);
        emit_object_end(e);
    }
}

void openapi_add_view_parameters(struct emit *e, const struct resource *resource)
{
    const struct resource_ready *ready = resource->ready;

    add_names(e, "fields", "Only these fields; the id is always among them.", field_name, ready,
              ready->field_count, (int64_t)ready->field_count);
    if (ready->expand_count)
        add_names(
            e, "expand",
            "What is embedded. Of rows that refer to this one, the first " TEXT_OF(
                VIEW_EMBEDDED) ", and in a list the first " TEXT_OF(VIEW_EMBEDDED_IN_LIST) ".",
            expand_name, ready, ready->expand_count, VIEW_EXPANDS);
}

const char *openapi_schema_name(char out[SCHEMA_NAME_BYTES], const char *resource,
                                const char *added)
{
    bool is_first = true;
    struct str name;

    str_init_in(&name, out, SCHEMA_NAME_BYTES);
    for (; *resource; resource++) {
        if (*resource != '_')
            str_add_char(&name, is_first ? (char)(*resource - 'a' + 'A') : *resource);
        is_first = *resource == '_';
    }
    str_add(&name, sv_of(added));
    ENSURE(!str_failed(&name));
    return out;
}

void openapi_add_either(struct emit *e, const struct resource *resource)
{
    char name[SCHEMA_NAME_BYTES];

    emit_object_begin(e);
    emit_key(e, SV("anyOf"));
    emit_array_begin(e);
    parts_add_ref(e, "schemas", openapi_schema_name(name, resource->name, ""));
    parts_add_ref(e, "schemas", openapi_schema_name(name, resource->name, "View"));
    emit_array_end(e);
    emit_object_end(e);
}

/* What is embedded is null for whom it is closed. */
static void add_embedded(struct emit *e, const struct resource_expand *expand)
{
    char name[SCHEMA_NAME_BYTES];

    openapi_schema_name(name, expand->of->name, "");
    emit_key(e, sv_of(expand->name));
    emit_object_begin(e);
    if (!expand->is_many) {
        emit_key(e, SV("oneOf"));
        emit_array_begin(e);
        parts_add_ref(e, "schemas", name);
        schema_literal(e, "{'type':'null'}");
        emit_array_end(e);
        emit_object_end(e);
        return;
    }
    emit_key(e, SV("type"));
    schema_literal(e, "['object','null']");
    schema_begin_rows(e, "['data','has_more']");
    parts_add_ref(e, "schemas", name);
    emit_key(e, SV("maxItems"));
    emit_i64(e, VIEW_EMBEDDED);
    emit_object_end(e);
    emit_key(e, SV("has_more"));
    schema_literal(e, "{'type':'boolean'}");
    emit_object_end(e);
    emit_object_end(e);
}

void openapi_add_view(struct emit *e, const struct resource *resource)
{
    const struct resource_ready *ready = resource->ready;

    emit_object_begin(e);
    schema_text(e, "type", "object");
    schema_text(e, "description", "What was asked for by fields and expand.");
    emit_key(e, SV("required"));
    schema_literal(e, "['id']");
    emit_key(e, SV("properties"));
    emit_object_begin(e);
    schema_resource_fields(e, ready, SCHEMA_REPLY);
    for (size_t i = 0; i < ready->expand_count; i++)
        add_embedded(e, &ready->expands[i]);
    emit_object_end(e);
    emit_object_end(e);
}
