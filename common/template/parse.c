/* From text to nodes: one pass over the tags, with a stack of the sections that are open. */
#include "template/parse.h"

#include <string.h>

struct level {
    struct sv name; /* of the section */
    struct node **end;
};

struct parser {
    struct arena *arena;
    struct sv text;
    size_t at;      /* what stands before it is parsed */
    size_t line;    /* of at */
    struct sv open; /* delimiters: {{ and }}, until a template says other ones */
    struct sv close;
    bool is_in_tag; /* of HTML's, as the literals before tell */
    bool is_in_title;
    size_t depth; /* sections open */
    struct level levels[TEMPLATE_SECTIONS + 1];
    const char *why;
};

struct tag {
    char sigil;       /* one of # ^ / > ! & { = or 0 */
    struct sv name;   /* trimmed */
    size_t begin;     /* of the first brace */
    size_t end;       /* behind the last one */
    struct sv indent; /* of a tag alone on its line, what stands before it */
    bool is_alone;
};

static bool fail(struct parser *p, const char *why)
{
    p->why = why;
    return false;
}

static struct sv between(struct sv text, size_t begin, size_t end)
{
    return (struct sv){text.p + begin, end - begin};
}

/* Where `what` stands in the text from `from` on, or text.n. */
static size_t find_from(struct sv text, size_t from, struct sv what)
{
    const char *found = from < text.n ? memmem(text.p + from, text.n - from, what.p, what.n) : NULL;

    return found ? (size_t)(found - text.p) : text.n;
}

static void advance(struct parser *p, size_t to)
{
    for (; p->at < to; p->at++)
        p->line += p->text.p[p->at] == '\n';
}

static struct node *add(struct parser *p, enum node_kind kind, struct sv text)
{
    struct level *level = &p->levels[p->depth];
    struct node *node = ARENA_NEW(p->arena, node);

    *node = (struct node){.kind = kind, .text = text, .line = p->line};
    *level->end = node;
    level->end = &node->next;
    return node;
}

/* ---- Names ---- */

static bool is_name_char(char c)
{
    return char_is_alpha(c) || char_is_digit(c) || c == '_' || c == '-';
}

/* "." or words with points between them. */
static bool is_name(struct sv name)
{
    struct sv part;

    if (sv_eq(name, SV(".")))
        return true;
    while (sv_split(&name, '.', &part)) {
        if (!part.n)
            return false;
        for (size_t i = 0; i < part.n; i++) {
            if (!is_name_char(part.p[i]))
                return false;
        }
    }
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct sv trim(struct sv text)
{
    while (text.n && is_space(text.p[0]))
        text = sv_skip(text, 1);
    while (text.n && is_space(text.p[text.n - 1]))
        text.n--;
    return text;
}

/* ---- Lines that hold nothing but a tag ---- */

static size_t skip_blanks(struct sv text, size_t i)
{
    while (i < text.n && (text.p[i] == ' ' || text.p[i] == '\t'))
        i++;
    return i;
}

/* If so, the tag takes its whole line: what stands before it is its indent. Values do not. */
static void look_around(struct sv text, struct tag *tag)
{
    size_t begin = tag->begin;
    size_t end = skip_blanks(text, tag->end);

    if (tag->sigil == 0 || tag->sigil == '{' || tag->sigil == '&')
        return;
    while (begin && (text.p[begin - 1] == ' ' || text.p[begin - 1] == '\t'))
        begin--;
    if (begin && text.p[begin - 1] != '\n')
        return;
    if (end + 1 < text.n && text.p[end] == '\r' && text.p[end + 1] == '\n')
        end++;
    if (end < text.n && text.p[end] != '\n')
        return;
    tag->is_alone = true;
    tag->indent = between(text, begin, tag->begin);
    tag->begin = begin;
    tag->end = size_min(end + 1, text.n);
}

/* ---- Tags ---- */

/* The tag whose braces begin at tag->begin. */
static bool read_tag(struct parser *p, struct tag *tag)
{
    struct sv closing = p->close;
    size_t inside = tag->begin + p->open.n;
    size_t end;

    if (inside < p->text.n && sv_find(SV("#^/>!&{="), p->text.p[inside]) < 8)
        tag->sigil = p->text.p[inside++];
    if (tag->sigil == '{')
        closing = arena_printf(p->arena, "}%.*s", SV_ARG(closing));
    if (tag->sigil == '=')
        closing = arena_printf(p->arena, "=%.*s", SV_ARG(closing));
    end = find_from(p->text, inside, closing);
    if (end == p->text.n)
        return fail(p, "this tag has no end");
    tag->name = trim(between(p->text, inside, end));
    tag->end = end + closing.n;
    look_around(p->text, tag);
    return true;
}

/* {{t.status[status]}} in its pieces. */
static bool add_text(struct parser *p, struct sv name, bool is_raw)
{
    size_t open = sv_find(name, '[');
    struct node *node = add(p, NODE_TEXT, sv_head(name, open));

    node->is_raw = is_raw;
    node->is_plain = p->is_in_tag || p->is_in_title;
    if (open < name.n) {
        if (!sv_ends_with(name, SV("]")))
            return fail(p, "a text's key has no end");
        node->key = between(name, open + 1, name.n - 1);
        if (!is_name(node->key))
            return fail(p, "a text's key is no name");
    }
    return is_name(node->text) || fail(p, "this is no name of a text");
}

static bool add_value(struct parser *p, const struct tag *tag)
{
    bool is_raw = tag->sigil != 0;
    struct node *node;

    if (sv_starts_with(tag->name, SV("t.")))
        return add_text(p, sv_skip(tag->name, 2), is_raw);
    if (!is_name(tag->name))
        return fail(p, "this is no name");
    node = add(p, NODE_VALUE, tag->name);
    node->is_raw = is_raw;
    node->is_plain = p->is_in_tag || p->is_in_title;
    return true;
}

static bool open_section(struct parser *p, const struct tag *tag)
{
    struct node *node;

    if (!is_name(tag->name) || sv_starts_with(tag->name, SV("t.")))
        return fail(p, "this is no name of a section");
    if (p->depth == TEMPLATE_SECTIONS)
        return fail(p, "too many sections are open");
    node = add(p, tag->sigil == '#' ? NODE_SECTION : NODE_INVERTED, tag->name);
    p->levels[++p->depth] = (struct level){.name = tag->name, .end = &node->kids};
    return true;
}

static bool close_section(struct parser *p, const struct tag *tag)
{
    if (!p->depth || !sv_eq(p->levels[p->depth].name, tag->name))
        return fail(p, "this closes another section than the one that is open");
    p->depth--;
    return true;
}

/* "<% %>": from here to the end of this template, whatever templates it names. */
static bool set_delimiters(struct parser *p, struct sv both)
{
    size_t gap = 0;

    while (gap < both.n && !is_space(both.p[gap]))
        gap++;
    p->open = sv_head(both, gap);
    p->close = trim(sv_skip(both, gap));
    for (size_t i = 0; i < p->close.n; i++) {
        if (is_space(p->close.p[i]))
            return fail(p, "these are no two delimiters");
    }
    return (p->open.n && p->close.n && sv_find(both, '=') == both.n) ||
           fail(p, "these are no two delimiters");
}

static bool add_tag(struct parser *p, const struct tag *tag)
{
    struct node *node;

    switch (tag->sigil) {
    case '#':
    case '^':
        return open_section(p, tag);
    case '/':
        return close_section(p, tag);
    case '>':
        if (!is_name(tag->name))
            return fail(p, "this is no name of a template");
        node = add(p, NODE_PARTIAL, tag->name);
        node->is_alone = tag->is_alone;
        node->indent = tag->indent;
        return true;
    case '!':
        return true;
    case '=':
        return set_delimiters(p, tag->name);
    default:
        return add_value(p, tag);
    }
}

static void add_literal(struct parser *p, struct sv text)
{
    add(p, NODE_LITERAL, text);
    for (size_t i = 0; i < text.n; i++) {
        struct sv rest = sv_skip(text, i);

        p->is_in_title = (p->is_in_title || sv_starts_with(rest, SV("<title"))) &&
                         !sv_starts_with(rest, SV("</title"));
        if (text.p[i] == '<' || text.p[i] == '>')
            p->is_in_tag = text.p[i] == '<';
    }
}

static bool parse(struct parser *p)
{
    while (p->at < p->text.n) {
        struct tag tag = {.begin = find_from(p->text, p->at, p->open)};
        size_t braces = tag.begin;

        if (tag.begin < p->text.n && !read_tag(p, &tag)) {
            advance(p, braces);
            return false;
        }
        if (tag.begin > p->at)
            add_literal(p, between(p->text, p->at, tag.begin));
        advance(p, braces);
        if (braces == p->text.n)
            break;
        if (!add_tag(p, &tag))
            return false;
        advance(p, tag.end);
    }
    return !p->depth || fail(p, "a section is open at the end");
}

bool template_parse(struct arena *arena, struct sv text, struct node **out, size_t *out_line,
                    const char **out_why)
{
    struct parser p = {
        .arena = arena, .text = text, .line = 1, .open = SV("{{"), .close = SV("}}")};

    *out = NULL;
    p.levels[0].end = out;
    if (parse(&p))
        return true;
    *out_line = p.line;
    *out_why = p.why;
    return false;
}
