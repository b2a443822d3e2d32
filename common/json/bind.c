/* From bytes to values: limits, scan, jansson, walk. jansson's tree lives in json_bind() only. */
#include "json/bind.h"

#include "json/scan.h"
#include "json/walk.h"

/* The most that canonical form makes of a body: a decimal 1 gets up to 17 digits after its point.
 */
#define CANONICAL_FACTOR 16

static bool refuse_syntax(struct sv body, size_t byte, const char *why, struct json_bound *out)
{
    out->error = ERR_INVALID_JSON;
    out->byte = size_min(byte, body.n);
    out->detail = sv_of(why);
    scan_position(body, out->byte, &out->line, &out->column);
    return false;
}

static bool refuse_faults(const struct walk *w, struct json_bound *out)
{
    out->error = ERR_INVALID_INPUT;
    out->detail = SV("Some of the input is not valid; see errors.");
    out->faults = w->faults;
    out->fault_count = w->fault_count;
    out->faults_cut = w->faults_cut;
    return false;
}

/* Its own sentences, for jansson's repeat the input. */
static const char *syntax_sentence(enum json_error_code code)
{
    if (code == json_error_premature_end_of_input)
        return "The body ends too early.";
    if (code == json_error_end_of_input_expected)
        return "The body has something after its JSON object.";
    if (code == json_error_duplicate_key)
        return "The body has an object with two members of the same name.";
    if (code == json_error_invalid_utf8)
        return "The body is not well-formed UTF-8.";
    if (code == json_error_null_character || code == json_error_null_byte_in_key)
        return "The body has the character U+0000 in a string.";
    if (code == json_error_stack_overflow)
        return "The body is nested too deep.";
    return "The body is not well-formed JSON.";
}

static bool refuse_number(struct arena *arena, struct sv body, size_t byte, struct json_bound *out)
{
    struct walk w = {.arena = arena};
    struct json_fault *fault = ARENA_NEW(arena, json_fault);
    bool is_negative;

    fault->pointer = scan_number_pointer(arena, body, byte, &is_negative);
    fault->code = is_negative ? JSON_FAULT_TOO_SMALL : JSON_FAULT_TOO_LARGE;
    fault->detail =
        arena_printf(arena, "%.*s is a number %s than any field takes.",
                     SV_ARG(path_subject(fault->pointer)), is_negative ? "smaller" : "larger");
    w.faults = fault;
    w.fault_count = 1;
    return refuse_faults(&w, out);
}

static json_t *parse(struct arena *arena, struct sv body, struct json_bound *out)
{
    json_error_t error;
    json_t *tree = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, &error);
    size_t byte = tree || error.position < 0 ? 0 : (size_t)error.position;

    if (tree)
        return tree;
    if (json_error_code(&error) == json_error_out_of_memory)
        die("out of memory");
    if (json_error_code(&error) == json_error_numeric_overflow)
        refuse_number(arena, body, byte, out);
    else
        refuse_syntax(body, byte, syntax_sentence(json_error_code(&error)), out);
    return NULL;
}

/* Gives the table's own lists, maps and objects their text. */
static void add_canonical_texts(struct arena *arena, const struct json_table *table,
                                size_t body_bytes, struct json_value *values)
{
    struct str text;

    str_init(&text, body_bytes * CANONICAL_FACTOR);
    for (size_t i = 0; i < table->field_count; i++) {
        struct emit e;

        if (!values[i].is_present || values[i].is_null || values[i].text.p)
            continue;
        str_clear(&text);
        emit_init(&e, &text);
        json_emit_value(&e, &table->fields[i], &values[i]);
        ENSURE(emit_finish(&e));
        values[i].text = arena_copy(arena, str_view(&text));
    }
    str_fini(&text);
}

bool json_bind(struct arena *arena, const struct json_table *table, enum json_mode mode,
               struct sv body, struct json_bound *out)
{
    struct walk w = {.arena = arena};
    struct json_value *values = ARENA_ARRAY(arena, struct json_value, table->field_count);
    size_t limit_bytes = table->body_bytes ? table->body_bytes : JSON_BODY_BYTES;
    const char *why;
    size_t byte;
    json_t *tree;

    *out = (struct json_bound){.values = values};
    if (body.n > limit_bytes) {
        out->error = ERR_BODY_TOO_LARGE;
        out->detail = arena_printf(arena, "The body is larger than %zu bytes.", limit_bytes);
        return false;
    }
    if (!scan_body(body, &why, &byte))
        return refuse_syntax(body, byte, why, out);
    tree = parse(arena, body, out);
    if (!tree)
        return false;
    out->present = walk_object(&w, table, mode, tree, NULL, values);
    json_decref(tree);
    if (w.fault_count)
        return refuse_faults(&w, out);
    add_canonical_texts(arena, table, body.n, values);
    return true;
}
