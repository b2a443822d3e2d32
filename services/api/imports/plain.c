/* Plain rows as PostgreSQL reads an array of the SQL type import_<name>: {"(12,\"…\",,…)",…}, each
 * the line, its id, its cells as JSON, and the texts of the fields that import_plain names. */
#include "imports/import.h"
#include "resources.h"

void import_find_plain(struct import_plan *plan)
{
    const struct resource *resource = plan->options.resource;
    struct sv names = resource->import_plain ? sv_of(resource->import_plain) : SV_NONE;
    struct sv name;

    plan->plain_count = 0;
    while (names.p && sv_split(&names, ',', &name)) {
        const struct resource_field *field = resource_field_find(resource->ready, name);

        ENSURE(field);
        plan->plain[plan->plain_count++] = (size_t)(field - resource->ready->fields);
    }
}

bool import_is_plain(const struct import_plan *plan, const struct sv *said)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->options.resource->ready->field_count; i++)
        count += said[i].p != NULL;
    for (size_t i = 0; i < plan->plain_count; i++)
        count -= said[plan->plain[i]].p != NULL;
    return plan->plain_count && count == 0;
}

/* Quoted as a part of a row, which is quoted as an item of an array. */
static void add_text(struct str *out, struct sv text)
{
    STR_ADD(out, "\\\"");
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            STR_ADD(out, "\\\\\\\"");
        else if (text.p[i] == '\\')
            STR_ADD(out, "\\\\\\\\");
        else
            str_add_char(out, text.p[i]);
    }
    STR_ADD(out, "\\\"");
}

void import_add_plain(struct str *out, const struct import_plan *plan,
                      const struct import_plain_row *row)
{
    str_add_char(out, str_view(out).n ? ',' : '{');
    STR_ADD(out, "\"(");
    str_add_i64(out, row->line);
    str_add_char(out, ',');
    str_add(out, uuid_view(&row->id));
    str_add_char(out, ',');
    add_text(out, row->cells);
    for (size_t i = 0; i < plan->plain_count; i++) {
        struct sv text = row->said[plan->plain[i]];

        str_add_char(out, ',');
        if (text.p)
            add_text(out, text);
    }
    STR_ADD(out, ")\"");
}
