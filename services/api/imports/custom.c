/* Columns of fields of the district's own: sites, partners, contacts and partnerships have some. A
 * file says them by the names that exports give them, "custom.motto", or by any that the mapping
 * says; and it may bring new ones. What a value may be is known to
 * sql/functions/90_imports_custom.sql. */
#include "imports/import.h"
#include "list.h"
#include "json/emit.h"

#define PREFIX     "custom."
#define CODE_BYTES 64

bool import_takes_custom(const struct resource *resource)
{
    return list_custom_by(resource) != NULL;
}

static struct sv code_of(struct sv name)
{
    return sv_skip(name, SV(PREFIX).n);
}

static bool is_name(struct sv name)
{
    struct sv code = code_of(name);

    if (!sv_starts_with(name, SV(PREFIX)) || code.n < 1 || code.n > CODE_BYTES)
        return false;
    for (size_t i = 0; i < code.n; i++) {
        if (code.p[i] != '_' && !char_is_digit(code.p[i]) && (code.p[i] < 'a' || code.p[i] > 'z'))
            return false;
    }
    return true;
}

static bool is_type(struct sv type)
{
    static const char *const types[] = {"text", "number", "date", "yes_no", "url"};

    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (sv_eq(type, sv_of(types[i])))
            return true;
    }
    return false;
}

/* The one of that name, which is made where there is none. */
static struct import_custom *custom_of(struct import_options *options, struct sv name)
{
    for (size_t i = 0; i < options->custom_count; i++) {
        if (sv_eq(options->custom[i].name, name))
            return &options->custom[i];
    }
    ENSURE(options->custom_count < IMPORT_CUSTOM_NAMED);
    options->custom[options->custom_count] =
        (struct import_custom){.name = name, .at = IMPORT_NOWHERE};
    return &options->custom[options->custom_count++];
}

static struct sv *said(struct import_custom *custom, size_t said_at)
{
    return (struct sv *)((char *)custom + said_at);
}

bool import_say_custom(struct import_options *options, struct sv name, size_t said_at,
                       struct sv text)
{
    bool is_new = said_at == offsetof(struct import_custom, new_type);

    if (!options->custom || !is_name(name) || (is_new && !is_type(text)))
        return false;
    *said(custom_of(options, name), said_at) = text;
    return true;
}

void import_know_custom(struct arena *arena, struct import_options *options, struct sv code,
                        struct sv type)
{
    custom_of(options, arena_printf(arena, PREFIX "%.*s", SV_ARG(code)))->type =
        arena_copy(arena, type);
}

static void add_fault(struct arena *arena, const struct import_custom *custom,
                      enum json_fault_code code, struct sv detail, struct json_fault *faults,
                      size_t *count)
{
    struct sv pointer = arena_printf(arena, "/%.*s", SV_ARG(custom->name));

    import_add_fault(faults, count, (struct json_fault){pointer, code, detail});
}

/* By its own name, letter case apart; one that is new, as a column of a resource's field is. */
static bool is_named(const struct import_custom *custom, struct sv column)
{
    if (custom->column.n)
        return sv_eq(column, custom->column);
    if (column.n != custom->name.n)
        return custom->new_type.n && import_is_like(column, code_of(custom->name));
    for (size_t i = 0; i < column.n; i++) {
        if (char_lower(column.p[i]) != custom->name.p[i])
            return custom->new_type.n && import_is_like(column, code_of(custom->name));
    }
    return true;
}

static bool is_a_fields(const struct import_plan *plan, size_t cell)
{
    for (size_t i = 0; i < plan->options.resource->ready->field_count; i++) {
        if (plan->at[i] == cell)
            return true;
    }
    return false;
}

static void find_one(struct arena *arena, const struct csv_row *names, struct import_plan *plan,
                     struct import_custom *custom, struct json_fault *faults, size_t *count)
{
    custom->at = IMPORT_NOWHERE;
    for (size_t i = 0; i < names->cell_count; i++) {
        if (!names->cells[i].n || !is_named(custom, names->cells[i]) || is_a_fields(plan, i))
            continue;
        if (custom->constant.p || custom->at != IMPORT_NOWHERE) {
            add_fault(arena, custom, JSON_FAULT_DUPLICATE_ITEM,
                      arena_printf(arena, "\"%.*s\" has two sources.", SV_ARG(custom->name)),
                      faults, count);
            return;
        }
        custom->at = i;
    }
    if (custom->at != IMPORT_NOWHERE)
        custom->column = arena_copy(arena, names->cells[custom->at]);
    else if (custom->column.n)
        add_fault(arena, custom, JSON_FAULT_UNKNOWN_MEMBER,
                  arena_printf(arena, "The file has no column \"%.*s\" for this alone.",
                               SV_ARG(custom->column)),
                  faults, count);
    else if (custom->new_type.n && !custom->constant.p)
        add_fault(arena, custom, JSON_FAULT_REQUIRED,
                  arena_printf(arena, "No column is \"%.*s\".", SV_ARG(custom->name)), faults,
                  count);
}

/* What the file or the query says of a field has to be of one that is there, or is to be made. */
static bool check_one(struct arena *arena, const struct import_custom *custom,
                      struct json_fault *faults, size_t *count)
{
    if (!custom->type.n && !custom->new_type.n)
        add_fault(arena, custom, JSON_FAULT_UNKNOWN_MEMBER,
                  SV("There is no such field of the district's own; new_fields may make one."),
                  faults, count);
    else if (custom->type.n && custom->new_type.n && !sv_eq(custom->type, custom->new_type))
        add_fault(arena, custom, JSON_FAULT_NOT_ALLOWED,
                  arena_printf(arena, "There is such a field already, of the type %.*s.",
                               SV_ARG(custom->type)),
                  faults, count);
    else
        return true;
    return false;
}

void import_find_custom(struct arena *arena, const struct csv_row *names, struct import_plan *plan,
                        struct json_fault *faults, size_t *count)
{
    struct import_options *options = &plan->options;
    size_t left = 0;

    for (size_t i = 0; i < options->custom_count; i++) {
        struct import_custom *custom = &options->custom[i];

        if (options->knows_custom && !check_one(arena, custom, faults, count))
            continue;
        find_one(arena, names, plan, custom, faults, count);
        if (custom->type.n)
            custom->new_type = SV_NONE; /* it is there */
        if (custom->column.n || custom->constant.p)
            options->custom[left++] = *custom;
    }
    options->custom_count = left;
    if (left > IMPORT_CUSTOM)
        import_add_fault(faults, count,
                         (struct json_fault){SV(""), JSON_FAULT_TOO_MANY_ITEMS,
                                             arena_printf(arena,
                                                          "A file says at most %d fields of the "
                                                          "district's own.",
                                                          IMPORT_CUSTOM)});
}

void import_emit_custom(struct emit *e, const struct import_options *options, size_t said_at)
{
    for (size_t i = 0; i < options->custom_count; i++) {
        struct sv text = *said(&options->custom[i], said_at);

        if (!text.n)
            continue;
        emit_key(e, options->custom[i].name);
        emit_text(e, text);
    }
}

struct sv import_new_fields_json(struct arena *arena, const struct import_plan *plan)
{
    struct emit e;

    emit_init(&e, str_new_in(arena, KB(64)));
    emit_object_begin(&e);
    import_emit_custom(&e, &plan->options, offsetof(struct import_custom, new_type));
    emit_object_end(&e);
    ENSURE(emit_finish(&e));
    return str_view(e.out);
}

bool import_makes_fields(const struct import_options *options)
{
    for (size_t i = 0; i < options->custom_count; i++) {
        if (options->custom[i].new_type.n)
            return true;
    }
    return false;
}
