/* The kinds of scopes, and what people are told of them. */
#include "scope.h"

#include <string.h>

static const struct {
    const char *name;
    const char *rule; /* "%f": the field, "%p": the parent */
} kinds[] = {
    [SCOPE_NONE] = {"none", "Nobody writes it."},
    [SCOPE_ANY] = {"any", "A grant over any part of the district is enough."},
    [SCOPE_COMMON] = {"common", "A grant over any part of the district makes one; changes need one "
                                "over the whole district."},
    [SCOPE_DISTRICT] = {"district", "Needs a grant over the whole district."},
    [SCOPE_SITE] = {"site", "Needs a grant that covers the site in %f, before and after the "
                            "change; without a site, one over the whole district."},
    [SCOPE_PARENT] = {"parent", "Needs a grant that covers the %p in %f, before and after the "
                                "change."},
    [SCOPE_MEMBERS] = {"members", "Needs a grant that covers the site in %f or one of its %p rows, "
                                  "before and after the change."},
    [SCOPE_PLACE] = {"place",
                     "Needs a grant that covers the site in %f, or each site of the network "
                     "in network_id, before and after the change; without either, one "
                     "over the whole district."},
    [SCOPE_SUBJECT] = {"subject",
                       "Needs a grant that covers what it names, of %p, before and after "
                       "the change."},
    [SCOPE_LINKS] = {"links", "Needs a grant that covers each of its %p rows; any, while it has "
                              "none. One of them is enough to acknowledge it, to enter what was "
                              "signed, for notice, and for what became of data."},
    [SCOPE_PLACED] =
        {"placed", "Needs a grant that covers the partner of an %p that has not ended, or the "
                   "partners of all; any, while there is none. Who owns the partner is as good."},
    [SCOPE_TIE] = {"tie",
                   "Needs a grant that covers the %p in %f, before and after the change, and "
                   "the contact after it."},
    [SCOPE_ADDRESSEE] = {"addressee",
                         "Whoever is named in %f writes the own one; others need a grant "
                         "that covers the %p."},
    [SCOPE_OWN] = {"own", "Whoever reads it writes it: one sees the own organization alone."},
    [SCOPE_OWNER] = {"owner",
                     "Whoever is named in %f writes the own one; who runs the program all, "
                     "by a grant over the whole district."},
    [SCOPE_PERSON] = {"person", "Whom %f names writes the own one, an administrator all."},
    [SCOPE_ADMIN] = {"admin", "Needs an administrator's grant."},
};

const char *scope_kind_name(enum scope_kind kind)
{
    return kinds[kind].name;
}

void scope_add_rule(struct str *out, const struct scope *scope)
{
    for (const char *c = kinds[scope->kind].rule; *c; c++) {
        if (*c != '%') {
            str_add_char(out, *c);
            continue;
        }
        c++;
        str_add(out, sv_of(*c == 'f' ? scope->field : scope->parent));
    }
}
