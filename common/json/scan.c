/* The scan. It follows strings and brackets only: up to the first byte that breaks the grammar it
 * sees what jansson sees, and there jansson stops. */
#include "json/scan.h"

#include <jansson.h>

#include "json/walk.h"

/* The byte after the string that starts with the quote at `i`, or body.n. */
static size_t skip_string(struct sv body, size_t i)
{
    for (i++; i < body.n && body.p[i] != '"'; i++) {
        if (body.p[i] == '\\')
            i++;
    }
    return size_min(i + 1, body.n);
}

static bool is_one_of(char c, struct sv set)
{
    return sv_find(set, c) < set.n;
}

static size_t skip_space(struct sv body)
{
    size_t i = 0;

    while (i < body.n && is_one_of(body.p[i], SV(" \t\r\n")))
        i++;
    return i;
}

/* Counts one structural byte; the sentence of the limit it passes, or NULL. */
static const char *count(char c, size_t *depth, size_t *values)
{
    bool opens = c == '{' || c == '[';

    if (opens && ++*depth > JSON_DEPTH)
        return "The body has objects and arrays nested deeper than 32.";
    if ((c == '}' || c == ']') && *depth)
        --*depth;
    if ((opens || c == ',') && ++*values > JSON_VALUES)
        return "The body has too many values.";
    return NULL;
}

static bool scan_structure(struct sv body, const char **out_why, size_t *out_byte)
{
    size_t depth = 0;
    size_t values = 0;
    size_t i = 0;

    while (i < body.n) {
        *out_byte = i;
        *out_why = count(body.p[i], &depth, &values);
        if (*out_why)
            return false;
        i = body.p[i] == '"' ? skip_string(body, i) : i + 1;
    }
    return true;
}

bool scan_body(struct sv body, const char **out_why, size_t *out_byte)
{
    size_t nul = sv_find(body, '\0');

    *out_byte = skip_space(body);
    if (*out_byte == body.n) {
        *out_why = "The body is empty; it must be a JSON object.";
        return false;
    }
    if (body.p[*out_byte] != '{') {
        *out_why = "The body must be a JSON object.";
        return false;
    }
    if (nul < body.n) {
        *out_why = "The body has a NUL byte.";
        *out_byte = nul;
        return false;
    }
    return scan_structure(body, out_why, out_byte);
}

void scan_position(struct sv body, size_t byte, size_t *out_line, size_t *out_column)
{
    struct sv before = sv_head(body, byte);
    size_t at;

    *out_line = 1;
    while ((at = sv_find(before, '\n')) < before.n) {
        ++*out_line;
        before = sv_skip(before, at + 1);
    }
    *out_column = sv_utf8_length(before) + 1;
}

/* Where a walk over the bytes stands: one path step for each open object and array. */
struct track {
    struct path steps[JSON_DEPTH];
    struct sv raw_keys[JSON_DEPTH]; /* with quotes and escapes */
    bool is_object[JSON_DEPTH];
    size_t depth;
    bool wants_key;
};

static void track_byte(struct track *t, char c)
{
    size_t top = t->depth - 1;

    if (c == '{' || c == '[') {
        ENSURE(t->depth < JSON_DEPTH);
        t->is_object[t->depth] = c == '{';
        t->steps[t->depth] =
            (struct path){.up = t->depth ? &t->steps[top] : NULL, .is_index = c == '['};
        t->depth++;
        t->wants_key = c == '{';
    } else if (t->depth && (c == '}' || c == ']')) {
        t->depth--;
        t->wants_key = false;
    } else if (t->depth && c == ',') {
        t->steps[top].index++;
        t->wants_key = t->is_object[top];
    } else if (c == ':') {
        t->wants_key = false;
    }
}

/* The escapes of a key, undone by who will have read it. */
static struct sv key_decode(struct arena *arena, struct sv raw)
{
    json_t *string = json_loadb(raw.p, raw.n, JSON_DECODE_ANY, NULL);
    struct sv key = SV_NONE;

    if (string)
        key = arena_copy(arena, (struct sv){json_string_value(string), json_string_length(string)});
    json_decref(string);
    return key;
}

static struct sv track_pointer(struct arena *arena, struct track *t)
{
    for (size_t i = 0; i < t->depth; i++) {
        if (t->is_object[i])
            t->steps[i].key = key_decode(arena, t->raw_keys[i]);
    }
    return path_pointer(arena, t->depth ? &t->steps[t->depth - 1] : NULL);
}

static size_t skip_number(struct sv body, size_t i)
{
    while (i < body.n && (char_is_digit(body.p[i]) || is_one_of(body.p[i], SV("+-.eE"))))
        i++;
    return i;
}

struct sv scan_number_pointer(struct arena *arena, struct sv body, size_t byte,
                              bool *out_is_negative)
{
    struct track t = {.depth = 0};
    size_t i = 0;

    *out_is_negative = false;
    while (i < body.n) {
        size_t start = i;

        if (body.p[i] == '"') {
            i = skip_string(body, i);
            if (t.depth && t.wants_key)
                t.raw_keys[t.depth - 1] = (struct sv){body.p + start, i - start};
        } else if (body.p[i] == '-' || char_is_digit(body.p[i])) {
            i = skip_number(body, i);
            *out_is_negative = body.p[start] == '-';
            if (i >= byte)
                break;
        } else {
            track_byte(&t, body.p[i++]);
        }
    }
    return track_pointer(arena, &t);
}
