/* A loaded set. Private to common/template; the only header here that shows jansson's types. */
#ifndef KITH_TEMPLATE_SET_H
#define KITH_TEMPLATE_SET_H

#include <jansson.h>

#include "template/parse.h"

/* A text of a catalog, parsed. */
struct text_root {
    const json_t *entry;
    struct node *root;
};

struct templates {
    const struct template_set *set;
    struct arena *arena;
    struct node **roots; /* one for each file */
    json_t *catalogs[TEMPLATE_LOCALES];
    struct text_root *texts; /* of all catalogs, in the order of their entries' addresses */
    size_t text_count;
};

/* The file's index, or file_count. */
size_t templates_find(const struct templates *templates, struct sv name);

/* The catalog's index, by its very name, or text_count. */
size_t templates_locale_find(const struct template_set *set, struct sv wanted);

/* The member of an object, or NULL. */
const json_t *template_member(const json_t *object, struct sv key);

/* What a catalog has under "sign_in.title": a text, an object of texts, or NULL. */
const json_t *template_entry(const json_t *catalog, struct sv path);

struct sv template_string(const json_t *string);

/* What a text of a catalog was parsed to. */
const struct node *templates_text(const struct templates *templates, const json_t *entry);

#endif
