/* A loaded set. Private to common/template; the only header here that shows jansson's types. */
#ifndef KITH_TEMPLATE_SET_H
#define KITH_TEMPLATE_SET_H

#include <jansson.h>

#include "template/parse.h"

struct templates {
    const struct template_set *set;
    struct arena *arena;
    struct node **roots; /* one for each file */
    json_t *catalogs[TEMPLATE_LOCALES];
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

#endif
