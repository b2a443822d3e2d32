/* A walk over the nodes, side by side with a stack of the data's values: the innermost one that has
 * a name gives it. */
#include "template/set.h"

#define REAL_DIGITS 15 /* what people write comes back as they wrote it */

struct frame {
    const json_t *value;
    const struct frame *up;
};

/* A catalog, and its locale. */
struct tongue {
    const json_t *catalog;
    struct sv locale;
};

#define TONGUES 3 /* that which is asked for, what stands in for it, the first */

struct render {
    const struct templates *templates;
    struct arena *arena;
    struct str *out;
    enum template_mode mode;
    const struct tongue *tongues; /* the best first */
    size_t tongue_count;
    unsigned partials;     /* deep */
    size_t *nodes;         /* rendered so far */
    bool escapes_literals; /* of a catalog's text */
    bool is_plain;         /* nothing but text may stand here */
    struct sv indent;      /* of the partial we are in */
    bool is_at_line_start; /* of a template, not of a value */
    bool isolates;         /* values, as they stand in a sentence from right to left */
    bool failed;
};

static void render_nodes(struct render *r, const struct node *node, const struct frame *frame);

static struct sv escape_of(char c)
{
    switch (c) {
    case '&':
        return SV("&amp;");
    case '<':
        return SV("&lt;");
    case '>':
        return SV("&gt;");
    case '"':
        return SV("&quot;");
    case '\'':
        return SV("&#39;");
    default:
        return SV_NONE;
    }
}

void template_escape(struct str *out, struct sv text)
{
    size_t plain = 0;

    for (size_t i = 0; i < text.n; i++) {
        struct sv escape = escape_of(text.p[i]);

        if (escape.n) {
            str_add(out, (struct sv){text.p + plain, i - plain});
            str_add(out, escape);
            plain = i + 1;
        }
    }
    str_add(out, sv_skip(text, plain));
}

static void add(struct render *r, struct sv text, bool is_raw)
{
    if (is_raw || r->mode == TEMPLATE_TEXT)
        str_add(r->out, text);
    else
        template_escape(r->out, text);
}

static void add_lines(struct render *r, struct sv text)
{
    while (text.n) {
        size_t end = sv_find(text, '\n');

        template_escape(r->out, sv_head(text, end));
        if (end < text.n)
            STR_ADD(r->out, "<br>\n");
        text = sv_skip(text, end + 1);
    }
}

/* What the data has. */
static void add_value(struct render *r, const struct node *node, struct sv text)
{
    bool has_tags = r->mode == TEMPLATE_MAIL && !r->is_plain && !node->is_plain;
    bool isolates = r->isolates && text.n && !sv_starts_with(text, SV("http"));

    if (isolates)
        str_add(r->out, has_tags ? SV("<bdi>") : SV("\u2068"));
    if (has_tags && !node->is_raw)
        add_lines(r, text);
    else
        add(r, text, node->is_raw);
    if (isolates)
        str_add(r->out, has_tags ? SV("</bdi>") : SV("\u2069"));
}

/* ---- Names ---- */

/* "a.b.c": whoever has an a must have the rest. NULL when nobody has. */
static const json_t *look_up(const struct frame *frame, struct sv name)
{
    const json_t *value = NULL;
    struct sv part;

    if (sv_eq(name, SV(".")))
        return frame->value;
    (void)sv_split(&name, '.', &part);
    for (; frame && !value; frame = frame->up)
        value = template_member(frame->value, part);
    return template_entry(value, name);
}

/* In an integer's or a real's own words; lists and objects have none. */
static struct sv words_of(struct render *r, const json_t *value)
{
    if (json_is_string(value))
        return template_string(value);
    if (json_is_integer(value))
        return arena_printf(r->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_real(value))
        return arena_printf(r->arena, "%.*g", REAL_DIGITS, json_real_value(value));
    if (json_is_boolean(value))
        return json_is_true(value) ? SV("true") : SV("false");
    return SV_NONE;
}

static bool is_nothing(const json_t *value)
{
    return !value || json_is_null(value) || json_is_false(value) ||
           (json_is_array(value) && !json_array_size(value)) ||
           (json_is_string(value) && !json_string_length(value));
}

/* ---- Nodes ---- */

static void start_line(struct render *r)
{
    if (r->is_at_line_start)
        str_add(r->out, r->indent);
    r->is_at_line_start = false;
}

/* Lines of a partial that stands alone are indented as it is. */
static void render_literal(struct render *r, struct sv text)
{
    while (text.n) {
        size_t end = sv_find(text, '\n');
        struct sv line = sv_head(text, end + 1);

        start_line(r);
        add(r, line, !r->escapes_literals);
        r->is_at_line_start = end < text.n;
        text = sv_skip(text, line.n);
    }
}

/* The text in the best language that has it: which is told. tongue_count: none has. */
static size_t find_text(const struct render *r, const struct node *node, struct sv key,
                        const json_t **out)
{
    size_t i = 0;

    for (; i < r->tongue_count; i++) {
        *out = template_entry(r->tongues[i].catalog, node->text);
        if (node->key.n)
            *out = template_member(*out, key);
        if (json_is_string(*out))
            break;
    }
    return i;
}

/* The tag says whether its markup shows, its values are escaped on their own. */
static void render_entry(struct render *r, const struct node *node, const struct frame *frame,
                         const json_t *entry)
{
    struct render inner = *r;

    inner.escapes_literals = !node->is_raw;
    inner.indent = SV_NONE;
    inner.is_plain = r->is_plain || node->is_plain;
    inner.isolates =
        r->mode != TEMPLATE_HTML && sv_eq(template_direction(r->tongues->locale), SV("rtl"));
    render_nodes(&inner, templates_text(r->templates, entry), frame);
    r->failed = inner.failed;
}

/* A catalog's text. One in another language than what is around it says so. */
static void render_text(struct render *r, const struct node *node, const struct frame *frame)
{
    struct sv key = node->key.n ? words_of(r, look_up(frame, node->key)) : SV_NONE;
    const json_t *entry = NULL;
    struct render other = *r;
    size_t found = find_text(r, node, key, &entry);

    start_line(r);
    if (found == r->tongue_count) {
        add(r, key, false);
        return;
    }
    other.is_at_line_start = false;
    other.tongues += found;
    other.tongue_count -= found;
    if (!found || r->mode == TEMPLATE_TEXT || r->is_plain || node->is_plain) {
        render_entry(&other, node, frame, entry);
    } else {
        struct sv locale = other.tongues->locale;

        str_addf(r->out, "<span lang=\"%.*s\" dir=\"%.*s\">", SV_ARG(locale),
                 SV_ARG(template_direction(locale)));
        render_entry(&other, node, frame, entry);
        STR_ADD(r->out, "</span>");
    }
    r->failed = other.failed;
}

/* Once for each item of a list, once for anything else that is something. */
static void render_section(struct render *r, const struct node *node, const struct frame *frame)
{
    const json_t *value = look_up(frame, node->text);
    struct frame inner = {.value = value, .up = frame};

    if (is_nothing(value))
        return;
    if (!json_is_array(value)) {
        render_nodes(r, node->kids, &inner);
        return;
    }
    for (size_t i = 0; i < json_array_size(value) && !str_failed(r->out) && !r->failed; i++) {
        inner.value = json_array_get(value, i);
        render_nodes(r, node->kids, &inner);
    }
}

static void render_partial(struct render *r, const struct node *node, const struct frame *frame)
{
    size_t file = templates_find(r->templates, node->text);
    struct render inner = *r;

    ENSURE(file < r->templates->set->file_count);
    if (r->partials == TEMPLATE_PARTIALS) {
        r->failed = true;
        return;
    }
    inner.partials++;
    if (node->is_alone) {
        inner.indent = arena_printf(r->arena, "%.*s%.*s", SV_ARG(r->indent), SV_ARG(node->indent));
        inner.is_at_line_start = true;
    }
    render_nodes(&inner, r->templates->roots[file], frame);
    r->failed = inner.failed;
    r->is_at_line_start = node->is_alone || inner.is_at_line_start;
}

static void render_nodes(struct render *r, const struct node *node, const struct frame *frame)
{
    for (; node && !str_failed(r->out) && !r->failed; node = node->next) {
        r->failed = ++*r->nodes > TEMPLATE_NODES;
        switch (node->kind) {
        case NODE_LITERAL:
            render_literal(r, node->text);
            break;
        case NODE_VALUE:
            start_line(r);
            add_value(r, node, words_of(r, look_up(frame, node->text)));
            break;
        case NODE_TEXT:
            render_text(r, node, frame);
            break;
        case NODE_SECTION:
            render_section(r, node, frame);
            break;
        case NODE_INVERTED:
            if (is_nothing(look_up(frame, node->text)))
                render_nodes(r, node->kids, frame);
            break;
        case NODE_PARTIAL:
            render_partial(r, node, frame);
            break;
        }
    }
}

/* Each once. */
static size_t tongues_of(const struct templates *templates, struct sv locales, struct tongue *out)
{
    const struct template_set *set = templates->set;
    struct sv wanted[TONGUES - 1];
    size_t n = 0;

    (void)sv_split(&locales, ',', &wanted[0]);
    wanted[1] = locales;
    for (size_t i = 0; i < TONGUES && set->text_count; i++) {
        struct sv own = i < COUNT_OF(wanted) ? templates_locale(templates, wanted[i])
                                             : sv_of(set->texts[0].locale);
        size_t at = templates_locale_find(set, own);
        bool is_known = false;

        for (size_t k = 0; k < n; k++)
            is_known = is_known || sv_eq(out[k].locale, own);
        if (!is_known)
            out[n++] = (struct tongue){templates->catalogs[at], own};
    }
    return n;
}

static void drop_data(void *arg)
{
    json_decref(arg);
}

const json_t *template_data(struct arena *arena, struct sv json)
{
    json_t *data = json_loadb(json.p ? json.p : "", json.n, JSON_DECODE_ANY, NULL);

    if (data)
        arena_defer(arena, drop_data, data);
    return data;
}

bool template_render(const struct templates *templates, struct arena *arena, struct str *out,
                     struct sv name, enum template_mode mode, struct sv locale, const json_t *data)
{
    size_t file = templates_find(templates, name);
    size_t nodes = 0;
    struct tongue tongues[TONGUES];
    struct render r = {.templates = templates,
                       .arena = arena,
                       .out = out,
                       .mode = mode,
                       .tongues = tongues,
                       .tongue_count = tongues_of(templates, locale, tongues),
                       .nodes = &nodes};

    if (file == templates->set->file_count)
        die("there is no template %.*s", SV_ARG(name));
    r.failed = !data;
    render_nodes(&r, templates->roots[file], &(struct frame){.value = data});
    return !r.failed && !str_failed(out);
}
