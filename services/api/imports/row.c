/* A row against the declaration. */
#include "base/uuid.h"
#include "csv.h"
#include "imports/import.h"
#include "resources.h"
#include "json/emit.h"

#define CELL_BYTES                                                                \
    (CSV_ROW_BYTES * 8) /* of JSON made of one row's cells, each escape six bytes \
                         */

struct binding {
    struct arena *arena;
    const struct import_plan *plan;
    const struct csv_row *row;
    struct emit bound;
    struct emit refs;
    struct emit faults;
    struct sv said[RESOURCE_FIELDS]; /* by field: its text, of a plain row; or NULL */
    size_t fault_count;
    bool is_plain;
    const char *missing; /* why there is no figure, or NULL */
};

static struct emit begin(struct arena *arena, bool is_array)
{
    struct emit e;

    emit_init(&e, str_new_in(arena, CELL_BYTES));
    if (is_array)
        emit_array_begin(&e);
    else
        emit_object_begin(&e);
    return e;
}

static void add_fault(struct binding *b, struct sv column, const char *code, struct sv detail)
{
    emit_object_begin(&b->faults);
    emit_key(&b->faults, SV("column"));
    if (column.n)
        emit_text(&b->faults, column);
    else
        emit_null(&b->faults);
    emit_key(&b->faults, SV("code"));
    emit_text(&b->faults, sv_of(code));
    emit_key(&b->faults, SV("detail"));
    emit_text(&b->faults, detail);
    emit_object_end(&b->faults);
    b->fault_count++;
    b->is_plain = false;
}

/* As the file names it, or else its own name. */
static struct sv column_of(const struct binding *b, size_t field)
{
    struct sv column = b->plan->options.columns[field];

    return column.n ? column : sv_of(b->plan->options.resource->ready->fields[field].json.name);
}

static void add_field_fault(struct binding *b, size_t field, const struct json_fault *fault)
{
    add_fault(b, column_of(b, field), json_fault_name(fault->code), fault->detail);
}

static struct sv trim(struct sv text)
{
    while (text.n && (unsigned char)text.p[0] <= ' ')
        text = sv_skip(text, 1);
    while (text.n && (unsigned char)text.p[text.n - 1] <= ' ')
        text.n--;
    return text;
}

static void emit_scalar(struct emit *e, const struct json_field *field,
                        const struct json_value *value)
{
    if (field->type == FIELD_BOOL || field->type == FIELD_INT)
        emit_raw(e, value->text);
    else
        emit_text(e, value->text);
}

/* "12.3%", which is left to SQL: only there the whole is known. */
static bool bind_share(struct binding *b, size_t at, const struct json_field *field, struct sv text)
{
    struct json_field share = *field;
    struct json_value value;
    struct json_fault fault;

    if (!sv_ends_with(text, SV("%")))
        return false;
    share.min = 0;
    share.max = 100;
    if (json_bind_text(b->arena, &share, trim(sv_head(text, text.n - 1)), &value, &fault)) {
        emit_key(&b->bound, sv_of(field->name));
        emit_text(&b->bound, arena_printf(b->arena, "%.*s%%", SV_ARG(value.text)));
        b->is_plain = false;
    } else {
        add_field_fault(b, at, &fault);
    }
    return true;
}

/* What stands in a figure's place: a share of the whole, or a word that says why there is none. */
static bool bind_no_number(struct binding *b, size_t at, const struct resource_field *field,
                           struct sv text)
{
    const char *why = import_why_missing(text);

    if (!why)
        return field->use & FIELD_SHARES && bind_share(b, at, &field->json, text);
    if (!b->missing)
        b->missing = why;
    return true;
}

/* A column of remarks may be the one that says why. */
static void bind_reason(struct binding *b, const struct json_field *field, struct sv text)
{
    const char *why = import_why_missing(text);
    struct json_value value;
    struct json_fault fault;

    if (json_bind_text(b->arena, field, text, &value, &fault))
        why = arena_cstr(b->arena, value.text);
    if (why)
        b->missing = why;
}

static void bind_scalar(struct binding *b, size_t at, const struct resource_field *field,
                        struct sv text)
{
    struct json_value value;
    struct json_fault fault;
    struct uuid id;

    if (field->ref && import_ref(field->ref) && sv_is_utf8(text) && !uuid_parse(text, &id)) {
        emit_key(&b->refs, sv_of(field->json.name));
        emit_text(&b->refs, text);
        b->said[at] = text;
        return;
    }
    if (field->use & FIELD_REASONS) {
        bind_reason(b, &field->json, text);
        return;
    }
    if (field->use & (FIELD_FIGURES | FIELD_SHARES) && bind_no_number(b, at, field, text))
        return;
    text = import_as_declared(b->arena, field, text);
    if (!json_bind_text(b->arena, &field->json, text, &value, &fault)) {
        add_field_fault(b, at, &fault);
        return;
    }
    emit_key(&b->bound, sv_of(field->json.name));
    emit_scalar(&b->bound, &field->json, &value);
    b->said[at] = value.text;
}

static bool is_there(const struct json_value *items, size_t count, struct sv text)
{
    for (size_t i = 0; i < count; i++) {
        if (sv_eq(items[i].text, text))
            return true;
    }
    return false;
}

static void add_items(struct binding *b, const struct json_field *field,
                      const struct json_value *items, size_t count)
{
    b->is_plain = false;
    emit_key(&b->bound, sv_of(field->name));
    emit_array_begin(&b->bound);
    for (size_t i = 0; i < count; i++)
        emit_scalar(&b->bound, field->item, &items[i]);
    emit_array_end(&b->bound);
}

/* ["math", "reading"], as exports have it. False: it is no such list. */
static bool bind_json_list(struct binding *b, const struct json_field *field, struct sv text)
{
    struct json_field list = *field;
    struct json_table table = {.name = "list", .fields = &list, .field_count = 1};
    struct json_bound bound = {0};
    struct sv body;

    if (!sv_starts_with(text, SV("[")) || !sv_is_utf8(text))
        return false;
    body = arena_printf(b->arena, "{\"%s\":%.*s}", field->name, SV_ARG(text));
    if (!json_bind(b->arena, &table, JSON_CREATE, body, &bound))
        return false;
    add_items(b, field, bound.values[0].items, bound.values[0].item_count);
    return true;
}

/* "math; reading": as the API takes ["math", "reading"]. */
static void bind_list(struct binding *b, size_t at, const struct json_field *field, struct sv text)
{
    struct json_limits limits = json_field_limits(field);
    size_t most = (size_t)limits.max;
    struct json_value *items = ARENA_ARRAY(b->arena, struct json_value, most + 1);
    struct json_fault fault = {.code = JSON_FAULT_TOO_MANY_ITEMS,
                               .detail = SV("has more items than it may")};
    size_t count = 0;
    struct sv one;

    if (bind_json_list(b, field, text))
        return;
    while (sv_split(&text, IMPORT_LIST_MARK, &one)) {
        if (!trim(one).n)
            continue;
        if (count == most) {
            add_field_fault(b, at, &fault);
            return;
        }
        if (!json_bind_text(b->arena, field->item, trim(one), &items[count], &fault)) {
            add_field_fault(b, at, &fault);
            return;
        }
        if (field->flags & FIELD_UNIQUE && is_there(items, count, items[count].text))
            continue;
        count++;
    }
    if ((int64_t)count < limits.min) {
        fault = (struct json_fault){.code = JSON_FAULT_TOO_FEW_ITEMS,
                                    .detail = SV("has fewer items than it needs")};
        add_field_fault(b, at, &fault);
        return;
    }
    add_items(b, field, items, count);
}

static void bind_nothing(struct binding *b, size_t at, const struct json_field *field)
{
    static const struct json_fault missing = {.code = JSON_FAULT_REQUIRED,
                                              .detail = {"is missing", 10}};

    if (field->flags & FIELD_REQUIRED) {
        add_field_fault(b, at, &missing);
    } else if (b->plan->options.clears && field->flags & FIELD_NULLABLE) {
        emit_key(&b->bound, sv_of(field->name));
        emit_null(&b->bound);
        b->is_plain = false;
    }
}

/* What the row says, of its cell or for all rows; false: the file does not say it. */
static bool find_text(const struct binding *b, size_t cell, struct sv constant, struct sv *out)
{
    if (cell != IMPORT_NOWHERE)
        constant = cell < b->row->cell_count ? csv_unguarded(trim(b->row->cells[cell])) : SV("");
    *out = import_with_line_feeds(b->arena, constant);
    return cell != IMPORT_NOWHERE || constant.p;
}

/* Of a field of the district's own: as text, which the server reads by its type. */
static void bind_custom(struct binding *b, const struct import_custom *custom)
{
    const struct json_field *field =
        &resource_field_find(res_custom_value.ready, SV("value"))->json;
    struct json_value value;
    struct json_fault fault;
    struct sv text;

    if (!find_text(b, custom->at, custom->constant, &text) || (!text.n && !b->plan->options.clears))
        return;
    if (text.n && !json_bind_text(b->arena, field, text, &value, &fault)) {
        add_fault(b, custom->column.n ? custom->column : custom->name, json_fault_name(fault.code),
                  fault.detail);
        return;
    }
    b->is_plain = false;
    emit_key(&b->bound, custom->name);
    if (text.n)
        emit_text(&b->bound, value.text);
    else
        emit_null(&b->bound);
}

static void bind_field(struct binding *b, size_t at)
{
    const struct resource_field *field = &b->plan->options.resource->ready->fields[at];
    struct sv text;

    if (!find_text(b, b->plan->at[at], b->plan->options.constants[at], &text))
        return;
    if (!text.n)
        bind_nothing(b, at, &field->json);
    else if (field->json.type == FIELD_LIST)
        bind_list(b, at, &field->json, text);
    else
        bind_scalar(b, at, field, text);
}

/* Cells behind the last column would be lost, or are in the wrong one because of a separator
 * without quotes. */
static void check_row(struct binding *b)
{
    const struct csv_row *row = b->row;

    if (row->has_nul)
        add_fault(b, SV(""), json_fault_name(JSON_FAULT_CONTROL_CHARACTER),
                  SV("has the character U+0000"));
    for (size_t i = b->plan->column_count; i < row->cell_count; i++) {
        if (!trim(row->cells[i]).n)
            continue;
        add_fault(b, SV(""), json_fault_name(JSON_FAULT_TOO_MANY_ITEMS),
                  arena_printf(b->arena, "has %zu cells for %zu columns", row->cell_count,
                               b->plan->column_count));
        return;
    }
}

static struct sv finish(struct emit *e, bool is_array)
{
    if (is_array)
        emit_array_end(e);
    else
        emit_object_end(e);
    ENSURE(emit_finish(e));
    return str_view(e->out);
}

static void add_member(struct emit *e, struct sv key, struct sv json)
{
    emit_key(e, key);
    emit_raw(e, json);
}

static struct sv cells_json(struct arena *arena, const struct csv_row *row)
{
    struct emit e = begin(arena, true);

    for (size_t i = 0; i < row->cell_count; i++)
        emit_text(&e, row->cells[i]);
    return finish(&e, true);
}

/* As import_stage takes it. */
static void add_json(struct binding *b, const struct uuid *id, struct sv cells, struct str *out)
{
    struct sv faults = finish(&b->faults, true);
    struct emit e;

    str_add_char(out, str_view(out).n ? ',' : '[');
    emit_init(&e, out);
    emit_object_begin(&e);
    emit_key(&e, SV("line"));
    emit_i64(&e, (int64_t)b->row->line);
    emit_key(&e, SV("id"));
    emit_text(&e, uuid_view(id));
    add_member(&e, SV("cells"), cells);
    add_member(&e, SV("bound"), finish(&b->bound, false));
    add_member(&e, SV("refs"), finish(&b->refs, false));
    if (b->fault_count)
        add_member(&e, SV("faults"), faults);
    emit_object_end(&e);
    ENSURE(emit_finish(&e));
}

void import_add_row(struct arena *arena, const struct import_plan *plan, const struct csv_row *row,
                    struct sv why, struct import_batch *batch)
{
    struct binding b = {.arena = arena,
                        .plan = plan,
                        .row = row,
                        .bound = begin(arena, false),
                        .refs = begin(arena, false),
                        .faults = begin(arena, true),
                        .is_plain = true};
    struct uuid id = uuid7_new();
    struct sv cells = cells_json(arena, row);

    check_row(&b);
    if (why.n)
        add_fault(&b, SV(""), "invalid_json", why);
    for (size_t i = 0; i < plan->options.resource->ready->field_count && !why.n; i++)
        bind_field(&b, i);
    if (b.missing) {
        emit_key(&b.bound, SV("missing"));
        emit_text(&b.bound, sv_of(b.missing));
        b.is_plain = false;
    }
    for (size_t i = 0; i < plan->options.custom_count && !why.n; i++)
        bind_custom(&b, &plan->options.custom[i]);
    batch->row_count++;
    if (b.is_plain && import_is_plain(plan, b.said))
        import_add_plain(batch->plain, plan,
                         &(struct import_plain_row){(int64_t)row->line, id, cells, b.said});
    else
        add_json(&b, &id, cells, batch->rows);
}
