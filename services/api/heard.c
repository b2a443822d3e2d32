/* Events as listeners are told them. */
#include "heard.h"

#include <string.h>

#include "principal.h"
#include "resources.h"

#define SOURCE  "\"source\": \"/districts/"
#define TYPE    "\"type\": \""
#define OURS    "org.kith."
#define CHANGED "\"changed\": ["

#define RESOURCE_ADDRESS(name) &res_##name,
static const struct resource *const resources[] = {RESOURCES(RESOURCE_ADDRESS)};

/* What stands behind the mark, up to the end; empty where it is not there. */
static struct sv behind(const char *text, const char *mark, char end)
{
    const char *at = strstr(text, mark);
    struct sv rest = at ? sv_of(at + strlen(mark)) : SV_NONE;

    return sv_head(rest, sv_find(rest, end));
}

/* Of "org.kith.user_grant.created.v1": by the table, which may have another name. */
static const struct resource *resource_of(struct sv type)
{
    struct sv rest = sv_skip(type, sizeof OURS - 1);
    struct sv aggregate = sv_head(rest, sv_find(rest, '.'));

    if (!sv_starts_with(type, SV(OURS)))
        return NULL;
    for (size_t i = 0; i < COUNT_OF(resources); i++) {
        if (sv_eq(sv_of(resources[i]->table), aggregate) ||
            sv_eq(sv_of(resources[i]->name), aggregate))
            return resources[i];
    }
    return NULL;
}

struct sv heard_type(const struct heard *heard)
{
    return behind(heard->text, TYPE, '"');
}

bool heard_read(struct heard *out, struct sv id, struct sv event)
{
    *out = (struct heard){0};
    if (event.n == 0 || id.n >= sizeof out->id)
        return false;
    memcpy(out->id, id.p, id.n);
    out->text = x_strndup(event.p, event.n);
    out->resource = resource_of(heard_type(out));
    if (out->resource && uuid_parse(behind(out->text, SOURCE, '"'), &out->district))
        return true;
    heard_free(out);
    return false;
}

void heard_free(struct heard *heard)
{
    x_free(heard->text);
    *heard = (struct heard){0};
}

static bool has_word(struct sv list, struct sv word)
{
    struct sv one;

    while (sv_split(&list, ',', &one)) {
        if (sv_eq(one, word))
            return true;
    }
    return false;
}

bool heard_is_for(const struct heard *heard, const struct hearing *who)
{
    const struct resource *resource = heard->resource;
    const char *readers = resource->watchers ? resource->watchers : resource->readers;

    return sv_eq(uuid_view(&heard->district), uuid_view(&who->district)) &&
           !(resource->watchers && has_word(who->roles, SV("part"))) &&
           roles_meet(who->roles, sv_of(readers)) &&
           (who->resources.n == 0 || has_word(who->resources, sv_of(resource->plural)));
}

/* The name comes with its quotation marks. */
static bool is_hidden(const struct heard *heard, struct sv quoted, struct sv roles)
{
    struct sv name = sv_head(sv_skip(quoted, 1), quoted.n > 2 ? quoted.n - 2 : 0);
    const struct resource_field *field = resource_field_find(heard->resource->ready, name);

    if (!field || !field->readers)
        return false;
    /* Who directs a part reads what is private there alone, and an event does not say where. */
    return !roles_meet(roles, sv_of(field->readers)) ||
           (field->owned && has_word(roles, SV("part")));
}

void heard_add_text(struct str *out, const struct heard *heard, struct sv roles)
{
    struct sv changed = behind(heard->text, CHANGED, ']');
    struct sv text = sv_of(heard->text);
    bool is_first = true;
    struct sv name;

    if (changed.n == 0) {
        str_add(out, text);
        return;
    }
    str_add(out, (struct sv){text.p, (size_t)(changed.p - text.p)});
    while (sv_split(&changed, ',', &name)) {
        name = sv_trim(name);
        if (is_hidden(heard, name, roles))
            continue;
        str_add(out, is_first ? SV("") : SV(", "));
        str_add(out, name);
        is_first = false;
    }
    str_add(out, sv_of(strchr(strstr(heard->text, CHANGED), ']')));
}
