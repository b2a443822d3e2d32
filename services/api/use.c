/* What a request asks for. */
#include "use.h"

#include "call.h"
#include "routes.h"

#define BASE "/v1/"

struct sv use_name(const struct route *route)
{
    struct sv path = sv_of(route->pattern);
    struct sv below = sv_skip(path, sizeof BASE - 1);

    return sv_starts_with(path, SV(BASE)) ? sv_head(below, sv_find(below, '/')) : SV_NONE;
}

bool use_is_known(struct sv name)
{
    for (size_t i = 0; i < api_route_count; i++) {
        if (name.n && !(api_routes[i].flags & ROUTE_PUBLIC) &&
            sv_eq(use_name(&api_routes[i]), name))
            return true;
    }
    return false;
}

void use_also(struct req *r, const char *plural)
{
    struct call *call = call_of(r);

    call->also_used =
        arena_printf(r->arena, "%s,%s", call->also_used ? call->also_used : "", plural).p;
}

void use_view(struct req *r, const struct view *view)
{
    for (size_t i = 0; i < view->expand_count; i++)
        use_also(r, view->expands[i]->of->plural);
}

const char *use_of(struct arena *arena, struct req *r)
{
    const struct call *call = call_of(r);
    bool is_read = r->head.method == HTTP_GET || r->head.method == HTTP_HEAD;

    return arena_printf(arena, "%s %.*s%s",
                        call->watches ? "watch"
                        : is_read     ? "read"
                                      : "write",
                        SV_ARG(use_name(r->route)), call->also_used ? call->also_used : "")
        .p;
}
