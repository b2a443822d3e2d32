/* Which rows of a resource a writer may write: those that the grants cover by which it may write
 * the resource at all. The database sees to it (tenant_tables() of sql/functions, which says the
 * same, and a test compares them); the declaration is what the documents tell. */
#ifndef KITH_API_SCOPE_H
#define KITH_API_SCOPE_H

#include "base/str.h"

enum scope_kind {
    SCOPE_NONE, /* nobody writes it */
    SCOPE_ANY,
    SCOPE_COMMON, /* whoever may write at all makes one, and changes none */
    SCOPE_DISTRICT,
    SCOPE_SITE,      /* `field` names the site; null: the whole district */
    SCOPE_MEMBERS,   /* the same, or one of its sites, which are rows of `parent` */
    SCOPE_PLACE,     /* `field` names the site, network_id the network; null: the whole district */
    SCOPE_PARENT,    /* `field` names a `parent`, and what covers that covers this */
    SCOPE_SUBJECT,   /* what covers the one of the `parent` resources that it names */
    SCOPE_LINKS,     /* what covers each row of `parent` that names it */
    SCOPE_PLACED,    /* what covers a partner where it has a `parent` */
    SCOPE_TIE,       /* as SCOPE_PARENT, and what covers the contact */
    SCOPE_ADDRESSEE, /* `field` names the person whose it is; or what covers its `parent` */
    SCOPE_OWN,       /* whoever reads it writes it: it shows one's own alone */
    SCOPE_OWNER,     /* `field` names the person whose it is; or who runs the program */
    SCOPE_PERSON,    /* `field` names the person whose it is */
    SCOPE_ADMIN,
};

struct scope {
    enum scope_kind kind;
    const char *field;
    const char *parent; /* the resource's name: "partner" */
};

#define SCOPE_OF_SITE(name)                 \
    {                                       \
        .kind = SCOPE_SITE, .field = (name) \
    }
#define SCOPE_OF_PLACE(name)                 \
    {                                        \
        .kind = SCOPE_PLACE, .field = (name) \
    }
#define SCOPE_OF_MEMBERS(name, resource)                             \
    {                                                                \
        .kind = SCOPE_MEMBERS, .field = (name), .parent = (resource) \
    }
#define SCOPE_OF_PARENT(name, resource)                             \
    {                                                               \
        .kind = SCOPE_PARENT, .field = (name), .parent = (resource) \
    }

#define SCOPE_OF_SUBJECT(resources)                  \
    {                                                \
        .kind = SCOPE_SUBJECT, .parent = (resources) \
    }

/* "site" */
const char *scope_kind_name(enum scope_kind kind);

/* Adds the rule as a sentence. */
void scope_add_rule(struct str *out, const struct scope *scope);

#endif
