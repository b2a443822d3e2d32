/* Rows that come as objects of JSON: each field by its own name, so that there is no first row. */
#include "http/field.h"
#include "imports/import.h"

static const struct import_form forms[] = {
    {"text/csv", 0, IMPORT_CSV},
    {"application/json", '[', IMPORT_ARRAY},
    {"application/x-ndjson", '\n', IMPORT_LINES},
};

const char import_media_types[] = "text/csv, application/json, application/x-ndjson";

const struct import_form *import_form_of(struct sv media_type)
{
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (http_media_type_is(media_type, sv_of(forms[i].media_type)))
            return &forms[i];
    }
    return NULL;
}

const struct import_form *import_form_by(char separator)
{
    for (size_t i = 1; i < COUNT_OF(forms); i++) {
        if (forms[i].separator == separator)
            return &forms[i];
    }
    return &forms[0];
}

static void free_rows(void *arg)
{
    json_rows_free(arg);
}

struct json_rows *import_rows_new(struct arena *arena, const struct import_form *form)
{
    struct json_rows *rows =
        json_rows_new(form->kind == IMPORT_ARRAY ? JSON_ROWS_ARRAY : JSON_ROWS_LINES);

    arena_defer(arena, free_rows, rows);
    return rows;
}

/* What a constant says is in no row. */
struct csv_row import_object_names(struct arena *arena, const struct import_plan *plan)
{
    const struct resource_ready *ready = plan->options.resource->ready;
    struct sv *names = ARENA_ARRAY(arena, struct sv, RESOURCE_FIELDS + IMPORT_CUSTOM_NAMED);
    size_t count = 0;

    for (size_t i = 0; i < ready->field_count; i++) {
        if (import_takes(&ready->fields[i]) && !plan->options.constants[i].p)
            names[count++] = sv_of(ready->fields[i].json.name);
    }
    for (size_t i = 0; i < plan->options.custom_count; i++) {
        if (!plan->options.custom[i].constant.p)
            names[count++] = plan->options.custom[i].name;
    }
    return (struct csv_row){.line = 0, .cells = names, .cell_count = count};
}

bool import_object_row(struct arena *arena, const struct json_row *object,
                       const struct csv_row *names, struct csv_row *out, struct sv *out_why)
{
    struct sv *cells = ARENA_ARRAY(arena, struct sv, names->cell_count + 1);

    *out =
        (struct csv_row){.line = object->number, .cells = cells, .cell_count = names->cell_count};
    return json_row_cells(arena, object->text, names->cells, names->cell_count, cells, out_why);
}
