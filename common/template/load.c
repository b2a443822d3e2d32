/* Loading a set: everything is parsed, and whatever one file says of another is looked up. */
#include "template/set.h"

#define ARENA_BYTES MB(8) /* what one program's templates may come to */
#define KEY_DEPTH   4     /* objects within a catalog's objects */

struct loader {
    struct templates *templates;
    struct str *why;
};

/* ---- Looking up ---- */

const json_t *template_member(const json_t *object, struct sv key)
{
    char name[256];

    if (!json_is_object(object) || key.n >= sizeof name || sv_find(key, '\0') < key.n)
        return NULL;
    for (size_t i = 0; i < key.n; i++)
        name[i] = key.p[i];
    name[key.n] = '\0';
    return json_object_get(object, name);
}

struct sv template_string(const json_t *string)
{
    return (struct sv){json_string_value(string), json_string_length(string)};
}

const json_t *template_entry(const json_t *catalog, struct sv path)
{
    struct sv part;

    while (catalog && sv_split(&path, '.', &part))
        catalog = template_member(catalog, part);
    return catalog;
}

size_t templates_find(const struct templates *templates, struct sv name)
{
    const struct template_set *set = templates->set;
    size_t i = 0;

    while (i < set->file_count && !sv_eq(sv_of(set->files[i].name), name))
        i++;
    return i;
}

bool templates_has(const struct templates *templates, struct sv name)
{
    return templates_find(templates, name) < templates->set->file_count;
}

static size_t locale_find(const struct template_set *set, struct sv wanted)
{
    size_t i = 0;

    while (i < set->text_count && !sv_eq_nocase(sv_of(set->texts[i].locale), wanted))
        i++;
    return i;
}

struct sv templates_locale(const struct templates *templates, struct sv wanted)
{
    const struct template_set *set = templates->set;
    size_t i = locale_find(set, wanted);

    if (i == set->text_count)
        i = locale_find(set, sv_head(wanted, sv_find(wanted, '-')));
    if (i == set->text_count)
        i = 0;
    return set->text_count ? sv_of(set->texts[i].locale) : SV("en");
}

/* ---- Checking ---- */

static bool fault(struct loader *l, const char *file, size_t line, const char *what, struct sv name)
{
    str_addf(l->why, "%s/%s:%zu: %s %.*s", l->templates->set->service, file, line, what,
             SV_ARG(name));
    return false;
}

static bool check_text(struct loader *l, const char *file, const struct node *node)
{
    const struct templates *templates = l->templates;

    for (size_t i = 0; i < templates->set->text_count; i++) {
        const json_t *entry = template_entry(templates->catalogs[i], node->text);

        if (node->key.n ? !json_is_object(entry) : !json_is_string(entry))
            return fault(l, file, node->line, "there is no text", node->text);
    }
    return templates->set->text_count || fault(l, file, node->line, "no texts for", node->text);
}

static bool check_node(struct loader *l, const char *file, const struct node *node);

static bool check_nodes(struct loader *l, const char *file, const struct node *node)
{
    for (; node; node = node->next) {
        if (!check_node(l, file, node))
            return false;
    }
    return true;
}

static bool check_node(struct loader *l, const char *file, const struct node *node)
{
    switch (node->kind) {
    case NODE_LITERAL:
    case NODE_VALUE:
        return true;
    case NODE_TEXT:
        return check_text(l, file, node);
    case NODE_SECTION:
    case NODE_INVERTED:
        return check_nodes(l, file, node->kids);
    case NODE_PARTIAL:
        return templates_has(l->templates, node->text) ||
               fault(l, file, node->line, "there is no template", node->text);
    }
    die("a node of kind %d", (int)node->kind);
}

/* A text may have values and sections, but not be made of further texts. */
static bool is_simple(const struct node *node)
{
    for (; node; node = node->next) {
        if (node->kind == NODE_TEXT || node->kind == NODE_PARTIAL || !is_simple(node->kids))
            return false;
    }
    return true;
}

static bool check_entry(struct loader *l, const char *file, struct sv key, const json_t *entry)
{
    struct node *root;
    size_t line;
    const char *why;

    if (!json_is_string(entry))
        return fault(l, file, 1, "neither text nor object:", key);
    if (!template_parse(l->templates->arena, template_string(entry), &root, &line, &why))
        return fault(l, file, line, why, key);
    return is_simple(root) || fault(l, file, 1, "a text within a text:", key);
}

/* Every entry of the catalog, and that `other` has the same keys. */
static bool check_catalog(struct loader *l, const char *file, json_t *catalog, const json_t *other,
                          unsigned depth)
{
    for (void *at = json_object_iter(catalog); at; at = json_object_iter_next(catalog, at)) {
        struct sv key = sv_of(json_object_iter_key(at));
        json_t *entry = json_object_iter_value(at);
        const json_t *same = template_member(other, key);

        if (!same || json_is_object(same) != json_is_object(entry))
            return fault(l, file, 1, "another language lacks", key);
        if (depth == KEY_DEPTH)
            return fault(l, file, 1, "too deep:", key);
        if (json_is_object(entry) ? !check_catalog(l, file, entry, same, depth + 1)
                                  : !check_entry(l, file, key, entry))
            return false;
    }
    return true;
}

/* Each beside the first, and the first beside each. */
static bool check_catalogs(struct loader *l)
{
    const struct templates *templates = l->templates;

    for (size_t i = 0; i < templates->set->text_count; i++) {
        const char *first = templates->set->texts[0].locale;
        const char *locale = templates->set->texts[i].locale;

        if (!check_catalog(l, locale, templates->catalogs[i], templates->catalogs[0], 0) ||
            !check_catalog(l, first, templates->catalogs[0], templates->catalogs[i], 0))
            return false;
    }
    return true;
}

/* ---- Loading ---- */

static bool load_catalogs(struct loader *l)
{
    const struct template_set *set = l->templates->set;

    ENSURE(set->text_count <= TEMPLATE_LOCALES);
    for (size_t i = 0; i < set->text_count; i++) {
        struct sv json = set->texts[i].json;
        json_error_t error;

        l->templates->catalogs[i] = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, &error);
        if (!json_is_object(l->templates->catalogs[i]))
            return fault(l, set->texts[i].locale, 1, "no JSON object of texts", SV_NONE);
    }
    return check_catalogs(l);
}

static bool load_files(struct loader *l)
{
    struct templates *templates = l->templates;
    const struct template_set *set = templates->set;
    size_t line;
    const char *why;

    templates->roots = ARENA_ARRAY(templates->arena, struct node *, set->file_count);
    for (size_t i = 0; i < set->file_count; i++) {
        const struct template_file *file = &set->files[i];

        if (!template_parse(templates->arena, file->text, &templates->roots[i], &line, &why))
            return fault(l, file->name, line, why, SV_NONE);
    }
    for (size_t i = 0; i < set->file_count; i++) {
        if (!check_nodes(l, set->files[i].name, templates->roots[i]))
            return false;
    }
    return true;
}

struct templates *templates_load(const struct template_set *set, struct str *out_why)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct loader l = {.templates = ARENA_NEW(arena, templates), .why = out_why};

    l.templates->set = set;
    l.templates->arena = arena;
    if (load_catalogs(&l) && load_files(&l))
        return l.templates;
    templates_free(l.templates);
    return NULL;
}

void templates_free(struct templates *templates)
{
    if (!templates)
        return;
    for (size_t i = 0; i < templates->set->text_count; i++)
        json_decref(templates->catalogs[i]);
    arena_free(templates->arena);
}
