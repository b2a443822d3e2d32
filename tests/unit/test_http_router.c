/* Routes: what is found, what wins, and what no table may say. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/router.h"

static STEP(no_step)
{
    (void)r;
    return NULL;
}

static const struct route routes[] = {
    {HTTP_GET, "/", no_step},
    {HTTP_GET, "/a", no_step},
    {HTTP_POST, "/a", no_step},
    {HTTP_GET, "/a/{id}", no_step},
    {HTTP_PATCH, "/a/{id}", no_step},
    {HTTP_DELETE, "/a/{id}", no_step},
    {HTTP_POST, "/a/import", no_step},
    {HTTP_GET, "/a/{id}/x", no_step},
    {HTTP_GET, "/a/import/y", no_step},
    {HTTP_GET, "/a/{id}/{part}/z", no_step},
    {HTTP_GET, "/8/{1}/{2}/{3}/{4}/{5}/{6}/{7}/{8}", no_step},
    {HTTP_OPTIONS, "/own", no_step},
    {HTTP_HEAD, "/own", no_step},
    {HTTP_GET, "/own", no_step},
};

static struct world {
    struct arena *arena;
    struct router *router;
    struct req r;
} w;

static int setup(void **state)
{
    (void)state;
    w.arena = arena_new(MB(1));
    w.router = router_new(routes, COUNT_OF(routes));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    router_free(w.router);
    arena_free(w.arena);
    return 0;
}

static enum route_found find(enum http_method method, const char *target)
{
    struct http_fault fault;

    memset(&w.r, 0, sizeof w.r);
    w.r.arena = w.arena;
    w.r.head = (struct http_head){.method = method, .target = sv_of(target)};
    assert_true(http_target_parse(w.arena, &w.r.head, &w.r.target, &fault));
    return router_find(w.router, &w.r);
}

static void test_rows_are_found_by_method_and_path(void **state)
{
    static const struct {
        enum http_method method;
        const char *target;
        const char *pattern;
        const char *captures; /* each with a "|" behind it */
    } rows[] = {
        {HTTP_GET, "/", "/", ""},
        {HTTP_GET, "/a", "/a", ""},
        {HTTP_GET, "/a?b=/c", "/a", ""},
        {HTTP_POST, "/a", "/a", ""},
        {HTTP_GET, "/%61", "/a", ""},
        {HTTP_GET, "/a/7", "/a/{id}", "7|"},
        {HTTP_GET, "/a/%7Bid%7D", "/a/{id}", "{id}|"},
        {HTTP_GET, "/a/b%2Fc", "/a/{id}", "b/c|"},
        {HTTP_POST, "/a/import", "/a/import", ""},
        {HTTP_GET, "/a/import/y", "/a/import/y", ""},
        /* Back from the literal, which leads no further. */
        {HTTP_GET, "/a/import/x", "/a/{id}/x", "import|"},
        {HTTP_GET, "/a/import/y/z", "/a/{id}/{part}/z", "import|y|"},
        {HTTP_GET, "/a/7/x/z", "/a/{id}/{part}/z", "7|x|"},
        {HTTP_GET, "/8/1/2/3/4/5/6/7/8", "/8/{1}/{2}/{3}/{4}/{5}/{6}/{7}/{8}", "1|2|3|4|5|6|7|8|"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct sv captures = SV("");

        assert_int_equal(find(rows[i].method, rows[i].target), ROUTE_FOUND);
        assert_string_equal(w.r.route->pattern, rows[i].pattern);
        for (size_t c = 0; c < w.r.capture_count; c++)
            captures =
                arena_printf(w.arena, "%.*s%.*s|", SV_ARG(captures), SV_ARG(w.r.captures[c]));
        assert_string_equal(captures.p, rows[i].captures);
    }
}

static void test_what_no_row_has_is_not_found(void **state)
{
    static const char *const targets[] = {
        "/b",
        "/A",
        "/a/",
        "/a//x",
        "/a/7/",
        "//a",
        "//",
        "/a/7/q",
        "/a/7/x/z/z",
        "/8/1/2/3/4/5/6/7",
        "/8",
        "/a/import/y/z/z/",
        "/8/1/2/3/4/5/6/7/8/9",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        assert_int_equal(find(HTTP_GET, targets[i]), ROUTE_NO_PATH);
        assert_null(w.r.route);
    }
}

/* A literal wins with the methods it has; that the capture knows the method does not count. */
static void test_a_known_path_without_the_method(void **state)
{
    (void)state;
    assert_int_equal(find(HTTP_DELETE, "/a"), ROUTE_NO_METHOD);
    assert_int_equal(find(HTTP_GET, "/a/import"), ROUTE_NO_METHOD);
    assert_int_equal(find(HTTP_METHOD_UNKNOWN, "/a"), ROUTE_NO_METHOD);
    assert_int_equal(find(HTTP_OPTIONS, "/a"), ROUTE_NO_METHOD);
    assert_null(w.r.route);
}

static void test_a_head_is_a_get_unless_it_has_a_row(void **state)
{
    (void)state;
    assert_int_equal(find(HTTP_HEAD, "/a/7"), ROUTE_FOUND);
    assert_int_equal(w.r.route->method, HTTP_GET);
    assert_int_equal(find(HTTP_HEAD, "/own"), ROUTE_FOUND);
    assert_int_equal(w.r.route->method, HTTP_HEAD);
    assert_int_equal(find(HTTP_HEAD, "/a/import"), ROUTE_NO_METHOD);
    assert_int_equal(find(HTTP_OPTIONS, "/own"), ROUTE_FOUND);
}

static void test_allow_names_the_methods_of_a_path(void **state)
{
    static const struct {
        const char *target;
        const char *allow;
    } rows[] = {
        {"/a", "GET, HEAD, POST, OPTIONS"},
        {"/a/7", "GET, HEAD, PATCH, DELETE, OPTIONS"},
        {"/a/import", "POST, OPTIONS"},
        {"/own", "GET, HEAD, OPTIONS"},
        {"*", "GET, HEAD, POST, PATCH, DELETE, OPTIONS"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct sv allow;

        if (rows[i].target[0] == '*')
            w.r.target.is_asterisk = true;
        else
            find(HTTP_OPTIONS, rows[i].target);
        allow = router_allow(w.router, &w.r);
        assert_int_equal(allow.n, strlen(rows[i].allow));
        assert_memory_equal(allow.p, rows[i].allow, allow.n);
    }
}

/* Builds a table in a child, whose exit status tells. */
static int status_of_table(const struct route *table, size_t count)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        close(STDERR_FILENO);
        router_free(router_new(table, count));
        _exit(EXIT_STATUS_OK);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_a_table_that_says_nonsense_dies(void **state)
{
    static const struct {
        const char *patterns[2];
        int status;
    } rows[] = {
        {{"/a", "/b"}, EXIT_STATUS_OK},
        {{"/a/{b}", "/a/b"}, EXIT_STATUS_OK},
        {{"/1/{1}/{2}/{3}/{4}/{5}/{6}/{7}/{8}", "/"}, EXIT_STATUS_OK},
        {{"/1/{1}/{2}/{3}/{4}/{5}/{6}/{7}/{8}/{9}", "/"}, EXIT_STATUS_CRASH},
        {{"/a", "/a"}, EXIT_STATUS_CRASH},
        {{"/a/{b}", "/a/{c}"}, EXIT_STATUS_CRASH},
        {{"a", "/b"}, EXIT_STATUS_CRASH},
        {{"", "/b"}, EXIT_STATUS_CRASH},
        {{"/a/", "/b"}, EXIT_STATUS_CRASH},
        {{"/a//b", "/b"}, EXIT_STATUS_CRASH},
        {{"//", "/b"}, EXIT_STATUS_CRASH},
        {{"/a/b{c}", "/b"}, EXIT_STATUS_CRASH},
        {{"/a/{c}b", "/b"}, EXIT_STATUS_CRASH},
        {{"/a/{c", "/b"}, EXIT_STATUS_CRASH},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct route table[] = {{HTTP_GET, rows[i].patterns[0], no_step},
                                {HTTP_GET, rows[i].patterns[1], no_step}};

        if (status_of_table(table, 2) != rows[i].status)
            fail_msg("%s", rows[i].patterns[0]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_rows_are_found_by_method_and_path),
        TEST(test_what_no_row_has_is_not_found),
        TEST(test_a_known_path_without_the_method),
        TEST(test_a_head_is_a_get_unless_it_has_a_row),
        TEST(test_allow_names_the_methods_of_a_path),
        TEST(test_a_table_that_says_nonsense_dies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
