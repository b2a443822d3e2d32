/* The route tree: a node a path segment. Children are few, so they are a list; a literal is tried
 * before the capture, with a step back when it leads nowhere. */
#include "http/router.h"

#include <string.h>

struct node {
    struct node *sibling;
    struct node *literals;
    struct node *capture;
    struct sv segment;
    const struct route *rows[HTTP_METHOD_UNKNOWN];
    bool is_end;
};

struct router {
    struct node root;
    bool methods[HTTP_METHOD_UNKNOWN];
};

static struct node *child_for(struct node *parent, struct sv segment)
{
    struct node *child;

    if (segment.n && segment.p[0] == '{') {
        if (!parent->capture)
            parent->capture = x_calloc(1, sizeof *parent->capture);
        return parent->capture;
    }
    for (child = parent->literals; child; child = child->sibling) {
        if (sv_eq(child->segment, segment))
            return child;
    }
    child = x_calloc(1, sizeof *child);
    child->segment = segment;
    child->sibling = parent->literals;
    parent->literals = child;
    return child;
}

static size_t count_captures(const char *pattern)
{
    size_t count = 0;

    for (; *pattern; pattern++)
        count += *pattern == '{';
    return count;
}

/* A literal without braces, or a capture of the whole segment. */
static bool is_segment(struct sv segment)
{
    size_t open = sv_find(segment, '{');
    size_t close = sv_find(segment, '}');

    return segment.n &&
           ((open == 0 && close == segment.n - 1) || (open == segment.n && close == segment.n));
}

static void add_row(struct router *router, const struct route *row)
{
    struct node *node = &router->root;
    struct sv rest = sv_skip(sv_of(row->pattern), 1);
    struct sv segment;

    if (rest.n == 0)
        rest = SV_NONE; /* "/" has no segment, not an empty one */
    while (sv_split(&rest, '/', &segment)) {
        if (!is_segment(segment))
            die("the route %s has a segment that no path can have", row->pattern);
        node = child_for(node, segment);
    }
    if (row->pattern[0] != '/' || count_captures(row->pattern) > REQ_CAPTURES)
        die("the route %s is no path, or captures too much", row->pattern);
    if (node->rows[row->method])
        die("the route %s stands twice", row->pattern);
    node->rows[row->method] = row;
    node->is_end = true;
    router->methods[row->method] = true;
}

struct router *router_new(const struct route *routes, size_t route_count)
{
    struct router *router = x_calloc(1, sizeof *router);

    for (size_t i = 0; i < route_count; i++)
        add_row(router, &routes[i]);
    return router;
}

/* What hangs below a node; the depth is bounded by the patterns. */
static void free_below(struct node *node)
{
    while (node->literals) {
        struct node *child = node->literals;

        node->literals = child->sibling;
        free_below(child);
        x_free(child);
    }
    if (node->capture)
        free_below(node->capture);
    x_free(node->capture);
}

void router_free(struct router *router)
{
    if (router)
        free_below(&router->root);
    x_free(router);
}

/* The end node for the segments from `at` on; captures are set on the way back. */
static const struct node *find(const struct node *node, const struct req *r, size_t at,
                               size_t captured, struct sv *captures)
{
    struct sv segment;
    const struct node *found;

    if (at == r->target.segment_count)
        return node->is_end ? node : NULL;
    segment = r->target.segments[at];
    for (const struct node *child = node->literals; child; child = child->sibling) {
        if (!sv_eq(child->segment, segment))
            continue;
        found = find(child, r, at + 1, captured, captures);
        if (found)
            return found;
    }
    if (!node->capture || segment.n == 0 || captured == REQ_CAPTURES)
        return NULL;
    found = find(node->capture, r, at + 1, captured + 1, captures);
    if (found)
        captures[captured] = segment;
    return found;
}

/* A HEAD is answered by the GET's row. */
static const struct route *row_of(const struct node *node, enum http_method method)
{
    const struct route *row = node->rows[method];

    return row || method != HTTP_HEAD ? row : node->rows[HTTP_GET];
}

enum route_found router_find(const struct router *router, struct req *r)
{
    struct sv captures[REQ_CAPTURES] = {{0}};
    const struct node *node = find(&router->root, r, 0, 0, captures);

    if (!node)
        return ROUTE_NO_PATH;
    if (r->head.method == HTTP_METHOD_UNKNOWN || !row_of(node, r->head.method))
        return ROUTE_NO_METHOD;
    r->route = row_of(node, r->head.method);
    r->capture_count = count_captures(r->route->pattern);
    memcpy(r->captures, captures, sizeof captures);
    return ROUTE_FOUND;
}

struct sv router_allow(const struct router *router, const struct req *r)
{
    struct sv captures[REQ_CAPTURES];
    const struct node *node = r->target.is_asterisk ? NULL : find(&router->root, r, 0, 0, captures);
    struct sv allow = SV("OPTIONS");

    for (int method = HTTP_METHOD_UNKNOWN - 1; method >= 0; method--) {
        bool known =
            node ? row_of(node, (enum http_method)method) != NULL
                 : router->methods[method] || (method == HTTP_HEAD && router->methods[HTTP_GET]);

        if (known && method != HTTP_OPTIONS)
            allow = arena_printf(r->arena, "%s, %.*s", http_method_name((enum http_method)method),
                                 SV_ARG(allow));
    }
    return allow;
}
