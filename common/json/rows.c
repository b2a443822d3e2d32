/* A byte at a time: whether it is in a string and how deep it is tells where an item ends. */
#include "json/rows.h"

#include <string.h>

#include "base/str.h"
#include "json/emit.h"
#include "json/scan.h"
#include "json/walk.h"

static const char *const too_large = "is larger than 256 KiB";
static const char *const no_array = "is not where an array of objects has one";
static const char *const no_end = "has no end";

struct json_rows {
    enum json_rows_form form;
    struct str item; /* of an array without white space before it */
    size_t depth;    /* 1: in the array */
    bool is_begun;
    bool is_closed; /* the array */
    bool is_in_string;
    bool is_escaped;
    bool is_taken;   /* the item was given: the next byte begins another */
    bool wants_item; /* behind a comma */
    uint64_t number; /* of the item or line at hand */
    const char *fault;
};

struct json_rows *json_rows_new(enum json_rows_form form)
{
    struct json_rows *rows = x_calloc(1, sizeof *rows);

    rows->form = form;
    rows->number = 1;
    str_init(&rows->item, JSON_ROW_BYTES);
    return rows;
}

void json_rows_free(struct json_rows *rows)
{
    if (rows)
        str_fini(&rows->item);
    x_free(rows);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void add(struct json_rows *rows, char c)
{
    if (str_view(&rows->item).n == JSON_ROW_BYTES)
        rows->fault = too_large;
    else if (!is_space(c) || str_view(&rows->item).n)
        str_add_char(&rows->item, c);
}

/* A line's end. True: there was something on it. */
static bool end_line(struct json_rows *rows)
{
    if (str_view(&rows->item).n)
        return true;
    rows->number++;
    return false;
}

static void take_in_string(struct json_rows *rows, char c)
{
    add(rows, c);
    if (rows->is_escaped)
        rows->is_escaped = false;
    else if (c == '\\')
        rows->is_escaped = true;
    else if (c == '"')
        rows->is_in_string = false;
}

/* Outside of the array's items: its brackets. */
static void take_outside(struct json_rows *rows, char c)
{
    if (is_space(c))
        return;
    if (c != '[' || rows->is_begun)
        rows->fault = no_array;
    rows->is_begun = true;
    rows->depth = 1;
}

/* A comma or the last bracket. True: an item is whole. */
static bool end_item(struct json_rows *rows, char c)
{
    bool is_last = c == ']';

    if (!str_view(&rows->item).n && (!is_last || rows->wants_item)) {
        rows->fault = no_array;
        return false;
    }
    rows->wants_item = !is_last;
    if (is_last) {
        rows->depth = 0;
        rows->is_closed = true;
    }
    return str_view(&rows->item).n;
}

/* True: with this byte an item is whole. */
static bool take(struct json_rows *rows, char c)
{
    if (rows->form == JSON_ROWS_LINES) {
        if (c == '\n')
            return end_line(rows);
        add(rows, c);
    } else if (rows->is_in_string) {
        take_in_string(rows, c);
    } else if (rows->depth == 0) {
        take_outside(rows, c);
    } else if (rows->depth == 1 && (c == ',' || c == ']')) {
        return end_item(rows, c);
    } else {
        add(rows, c);
        rows->is_in_string = c == '"';
        if (c == '{' || c == '[')
            rows->depth++;
        else if ((c == '}' || c == ']') && --rows->depth == 0)
            rows->fault = no_array;
    }
    return false;
}

static void drop_taken(struct json_rows *rows)
{
    if (!rows->is_taken)
        return;
    rows->is_taken = false;
    rows->number++;
    str_clear(&rows->item);
}

static void give(struct json_rows *rows, struct json_row *out)
{
    *out = (struct json_row){rows->number, str_view(&rows->item)};
    rows->is_taken = true;
}

bool json_rows_read(struct json_rows *rows, struct sv *text, struct json_row *out)
{
    drop_taken(rows);
    while (text->n && !rows->fault) {
        bool is_whole = take(rows, text->p[0]);

        *text = sv_skip(*text, 1);
        if (is_whole) {
            give(rows, out);
            return true;
        }
    }
    return false;
}

bool json_rows_end(struct json_rows *rows, struct json_row *out)
{
    drop_taken(rows);
    if (rows->fault)
        return false;
    if (rows->form == JSON_ROWS_ARRAY) {
        if (!rows->is_closed)
            rows->fault = no_end;
        return false;
    }
    if (!str_view(&rows->item).n)
        return false;
    give(rows, out);
    return true;
}

const char *json_rows_fault(const struct json_rows *rows, uint64_t *out_number)
{
    *out_number = rows->number;
    return rows->fault;
}

static struct sv text_of(struct arena *arena, const json_t *value)
{
    struct str text;
    struct emit e;
    struct sv copy;

    if (json_is_null(value))
        return SV("");
    if (json_is_string(value))
        return arena_copy(arena, (struct sv){json_string_value(value), json_string_length(value)});
    str_init(&text, JSON_ROW_BYTES * 2);
    emit_init(&e, &text);
    tree_emit(&e, value);
    ENSURE(emit_finish(&e));
    copy = arena_copy(arena, str_view(&text));
    str_fini(&text);
    return copy;
}

static bool set_cells(struct arena *arena, json_t *object, const struct sv *names, size_t count,
                      struct sv *out_cells, struct sv *out_why)
{
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        size_t at = 0;

        while (at < count && !sv_eq(names[at], sv_of(name)))
            at++;
        if (at == count) {
            *out_why = arena_printf(arena, "has a member \"%.64s\", which is no field of it", name);
            return false;
        }
        out_cells[at] = text_of(arena, value);
    }
    return true;
}

bool json_row_cells(struct arena *arena, struct sv text, const struct sv *names, size_t count,
                    struct sv *out_cells, struct sv *out_why)
{
    const char *why;
    size_t byte;
    json_t *object = NULL;
    bool is_good = false;

    memset(out_cells, 0, count * sizeof *out_cells);
    if (!scan_body(text, &why, &byte))
        *out_why = arena_printf(arena, "is no object of JSON: %s", why);
    else if (!(object = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL)))
        *out_why = SV("is no object of JSON");
    else
        is_good = set_cells(arena, object, names, count, out_cells, out_why);
    json_decref(object);
    return is_good;
}
