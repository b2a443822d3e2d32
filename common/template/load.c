/* Loading a set: everything is parsed, and whatever one file says of another is looked up. */
#include "template/set.h"

#include <stdlib.h>

#define ARENA_BYTES MB(8) /* what one program's templates may come to */

#define MAX_LONG(a, b) ((a) > (b) ? (a) : (b))

/* Texts that are parsed, the last one first. */
struct text_link {
    struct text_root text;
    struct text_link *next;
};

struct loader {
    struct templates *templates;
    json_t *depths[TEMPLATE_LOCALES]; /* by the entries' paths */
    struct text_link *texts;
    struct str *why; /* the first fault */
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

struct sv template_set_text(const struct template_set *set, struct sv name)
{
    for (size_t i = 0; i < set->file_count; i++) {
        if (sv_eq(sv_of(set->files[i].name), name))
            return set->files[i].text;
    }
    return SV_NONE;
}

static int order_of_texts(const void *a, const void *b)
{
    uintptr_t left = (uintptr_t)((const struct text_root *)a)->entry;
    uintptr_t right = (uintptr_t)((const struct text_root *)b)->entry;

    return (left > right) - (left < right);
}

const struct node *templates_text(const struct templates *templates, const json_t *entry)
{
    const struct text_root key = {.entry = entry};
    const struct text_root *found = bsearch(&key, templates->texts, templates->text_count,
                                            sizeof *templates->texts, order_of_texts);

    ENSURE(found);
    return found->root;
}

bool templates_has(const struct templates *templates, struct sv name)
{
    return templates_find(templates, name) < templates->set->file_count;
}

/* ---- Checking ---- */

static bool fault(struct loader *l, const char *file, size_t line, const char *what, struct sv name)
{
    if (!l->why->n)
        str_addf(l->why, "%s/%s:%zu: %s %.*s", l->templates->set->service, file, line, what,
                 SV_ARG(name));
    return false;
}

/* Where the nodes stand: in a template, or in an entry of one catalog, whose own depth they raise.
 */
struct place {
    const char *file;
    size_t first_catalog; /* that has to have the texts they name */
    size_t end_catalog;
    long *depth; /* of an entry; NULL: in a template */
};

static long entry_depth(struct loader *l, size_t catalog, struct sv path, const json_t *entry);

/* The texts that a node names; with a key, any of an object's. The first catalog has to have them:
 * it stands in for what others lack. */
static bool check_named(struct loader *l, const struct place *place, size_t catalog,
                        const struct node *node)
{
    const json_t *entry = template_entry(l->templates->catalogs[catalog], node->text);
    json_t *object = (json_t *)(uintptr_t)entry; /* jansson's iterators do not say const */
    long deepest = 0;

    if (!entry && catalog)
        return true;
    if (node->key.n ? !json_is_object(entry) : !json_is_string(entry))
        return fault(l, place->file, node->line, "there is no text", node->text);
    if (!place->depth)
        return true;
    if (!node->key.n)
        deepest = entry_depth(l, catalog, node->text, entry);
    for (void *at = node->key.n ? json_object_iter(object) : NULL; at;
         at = json_object_iter_next(object, at)) {
        struct sv path = arena_printf(l->templates->arena, "%.*s.%s", SV_ARG(node->text),
                                      json_object_iter_key(at));

        deepest = MAX_LONG(deepest, entry_depth(l, catalog, path, json_object_iter_value(at)));
    }
    *place->depth = MAX_LONG(*place->depth, deepest + 1);
    return *place->depth <= TEMPLATE_TEXTS ||
           fault(l, place->file, 1, "too deep a text of texts:", node->text);
}

static bool check_nodes(struct loader *l, const struct place *place, const struct node *node);

static bool check_node(struct loader *l, const struct place *place, const struct node *node)
{
    switch (node->kind) {
    case NODE_LITERAL:
    case NODE_VALUE:
        return true;
    case NODE_TEXT:
        for (size_t i = place->first_catalog; i < place->end_catalog; i++) {
            if (!check_named(l, place, i, node))
                return false;
        }
        return place->end_catalog || fault(l, place->file, node->line, "no texts for", node->text);
    case NODE_SECTION:
    case NODE_INVERTED:
        return check_nodes(l, place, node->kids);
    case NODE_PARTIAL:
        if (place->depth)
            return fault(l, place->file, 1, "a template within a text:", node->text);
        return templates_has(l->templates, node->text) ||
               fault(l, place->file, node->line, "there is no template", node->text);
    }
    die("a node of kind %d", (int)node->kind);
}

static bool check_nodes(struct loader *l, const struct place *place, const struct node *node)
{
    for (; node; node = node->next) {
        if (!check_node(l, place, node))
            return false;
    }
    return true;
}

/* Keeps a text, and looks at what it names. */
static void check_text(struct loader *l, const struct place *place, const json_t *entry,
                       struct node *root)
{
    struct text_link *link = ARENA_NEW(l->templates->arena, text_link);

    *link = (struct text_link){.text = {entry, root}, .next = l->texts};
    l->texts = link;
    l->templates->text_count++;
    check_nodes(l, place, root);
}

/* How many texts stand within each other in this one, 0 for none; one that is being looked at, and
 * so stands within itself, is too deep. Told once for each, as an entry may be named often. */
static long entry_depth(struct loader *l, size_t catalog, struct sv path, const json_t *entry)
{
    const char *key = arena_cstr(l->templates->arena, path);
    json_t *known = json_object_get(l->depths[catalog], key);
    long depth = 0;
    const struct place place = {l->templates->set->texts[catalog].locale, catalog, catalog + 1,
                                &depth};
    struct node *root;
    size_t line;
    const char *why;

    if (known)
        return (long)json_integer_value(known);
    json_object_set_new(l->depths[catalog], key, json_integer(TEMPLATE_TEXTS));
    if (!json_is_string(entry))
        fault(l, place.file, 1, "neither text nor object:", path);
    else if (!template_parse(l->templates->arena, template_string(entry), &root, &line, &why))
        fault(l, place.file, line, why, path);
    else
        check_text(l, &place, entry, root);
    json_object_set_new(l->depths[catalog], key, json_integer(depth));
    return depth;
}

/* Every entry below `path`, and that `first` has each, too: a text that it lacks is a mistyped
 * name. */
static bool check_catalog(struct loader *l, size_t catalog, struct sv path, const json_t *entries,
                          const json_t *first)
{
    const char *file = l->templates->set->texts[catalog].locale;
    json_t *object = (json_t *)(uintptr_t)entries;

    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        struct sv key = sv_of(json_object_iter_key(at));
        const json_t *entry = json_object_iter_value(at);
        const json_t *same = template_member(first, key);
        struct sv inner =
            path.n ? arena_printf(l->templates->arena, "%.*s.%.*s", SV_ARG(path), SV_ARG(key))
                   : key;

        if (!same || json_is_object(same) != json_is_object(entry))
            return fault(l, file, 1, "the first language lacks", inner);
        if (!json_is_object(entry))
            entry_depth(l, catalog, inner, entry);
        else if (!check_catalog(l, catalog, inner, entry, same))
            return false;
        if (l->why->n)
            return false;
    }
    return true;
}

static bool check_catalogs(struct loader *l)
{
    json_t *const *catalogs = l->templates->catalogs;

    for (size_t i = 0; i < l->templates->set->text_count; i++) {
        if (!check_catalog(l, i, SV_NONE, catalogs[i], catalogs[0]))
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
        l->depths[i] = json_object();
        if (!json_is_object(l->templates->catalogs[i]))
            return fault(l, set->texts[i].locale, 1, "no JSON object of texts", SV_NONE);
    }
    return check_catalogs(l);
}

static void keep_texts(struct loader *l)
{
    struct templates *templates = l->templates;
    size_t n = 0;

    templates->texts = ARENA_ARRAY(templates->arena, struct text_root, templates->text_count);
    for (const struct text_link *link = l->texts; link; link = link->next)
        templates->texts[n++] = link->text;
    qsort(templates->texts, n, sizeof *templates->texts, order_of_texts);
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
        const struct place place = {set->files[i].name, 0, set->text_count, NULL};

        if (!check_nodes(l, &place, templates->roots[i]))
            return false;
    }
    return true;
}

struct templates *templates_load(const struct template_set *set, struct str *out_why)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct loader l = {.templates = ARENA_NEW(arena, templates), .why = out_why};
    bool is_whole;

    str_clear(out_why);
    l.templates->set = set;
    l.templates->arena = arena;
    is_whole = load_catalogs(&l) && load_files(&l);
    keep_texts(&l);
    for (size_t i = 0; i < set->text_count; i++)
        json_decref(l.depths[i]);
    if (is_whole)
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
