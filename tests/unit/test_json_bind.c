/* Tables against bodies: presence, modes, nesting, pointers, and all faults at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "in_arena.h"
#include "json/bind.h"

static const struct json_field word = {.type = FIELD_TEXT, .min = 1, .max = 8};
static const struct json_field maybe = {.type = FIELD_INT, .flags = FIELD_NULLABLE};
static const struct json_field number = {.type = FIELD_INT, .min = 0, .max = 9};

enum { PLACE_CITY, PLACE_ZIP };
static const struct json_field place_fields[] = {
    [PLACE_CITY] = JSON_FIELD("city", FIELD_TEXT, FIELD_REQUIRED, .min = 1),
    [PLACE_ZIP] = JSON_FIELD("zip", FIELD_TEXT, FIELD_NULLABLE, .max = 5),
};
static const struct json_table place = JSON_TABLE("place", place_fields);
static const struct json_field place_item = {.type = FIELD_OBJECT, .table = &place};

enum { ID, NAME, NOTE, ONCE, PLACE, PLACES, TAGS, SCORES, LABELS, RATES, EXTRA };
static const struct json_field fields[] = {
    [ID] = JSON_FIELD("id", FIELD_UUID, FIELD_READ_ONLY),
    [NAME] = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = 8),
    [NOTE] = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_REQUIRED | FIELD_NULLABLE),
    [ONCE] = JSON_FIELD("once", FIELD_TEXT, FIELD_CREATE_ONLY),
    [PLACE] = JSON_FIELD("place", FIELD_OBJECT, FIELD_NULLABLE, .table = &place),
    [PLACES] = JSON_FIELD("places", FIELD_LIST, .max = 3, .item = &place_item),
    [TAGS] = JSON_FIELD("tags", FIELD_LIST, FIELD_UNIQUE, .min = 1, .max = 3, .item = &word),
    [SCORES] = JSON_FIELD("scores", FIELD_LIST, .item = &maybe),
    [LABELS] = JSON_FIELD("labels", FIELD_MAP, .min = 0, .max = 2),
    [RATES] = JSON_FIELD("rates", FIELD_MAP, .item = &number),
    [EXTRA] = JSON_FIELD("extra", FIELD_ANY, .max = 20),
};
static const struct json_table table = JSON_TABLE("thing", fields);

static struct json_bound bound;

static bool create(const char *body)
{
    return json_bind(arena, &table, JSON_CREATE, sv_of(body), &bound);
}

static bool patch(const char *body)
{
    return json_bind(arena, &table, JSON_PATCH, sv_of(body), &bound);
}

/* The faults as "pointer code" lines, in order. */
static const char *faults(void)
{
    struct sv all = SV("");

    assert_int_equal(bound.error, ERR_INVALID_INPUT);
    for (size_t i = 0; i < bound.fault_count; i++)
        all = arena_printf(arena, "%.*s%s%.*s %s", SV_ARG(all), i ? "|" : "",
                           SV_ARG(bound.faults[i].pointer), json_fault_name(bound.faults[i].code));
    return arena_cstr(arena, all);
}

#define REFUSED(did, list)                   \
    do {                                     \
        assert_false(did);                   \
        assert_string_equal(faults(), list); \
    } while (0)

static void absent_is_not_null(void **state)
{
    (void)state;
    assert_true(create("{\"name\":\"n\",\"note\":null}"));
    assert_int_equal(bound.present, 1u << NAME | 1u << NOTE);
    assert_true(bound.values[NOTE].is_present && bound.values[NOTE].is_null);
    assert_null(bound.values[NOTE].text.p);
    assert_false(bound.values[PLACE].is_present || bound.values[PLACE].is_null);
}

static void create_wants_what_is_required(void **state)
{
    (void)state;
    REFUSED(create("{}"), "/name required|/note required");
    REFUSED(create("{\"name\":null,\"note\":null}"), "/name not_null");
    REFUSED(create("{\"name\":\"n\",\"note\":\"x\",\"place\":{}}"), "/place/city required");
    assert_true(create("{\"name\":\"n\",\"note\":\"x\",\"once\":\"o\",\"place\":null}"));
}

static void patch_wants_nothing_but_refuses_null_where_it_cannot_be(void **state)
{
    (void)state;
    assert_true(patch("{}"));
    assert_int_equal(bound.present, 0);
    assert_true(patch("{\"note\":null,\"place\":{\"zip\":null}}"));
    assert_int_equal(bound.values[PLACE].present, 1u << PLACE_ZIP);
    assert_true(bound.values[PLACE].items[PLACE_ZIP].is_null);
    assert_string_equal(bound.values[PLACE].text.p, "{\"zip\":null}");
    REFUSED(patch("{\"name\":null}"), "/name not_null");
    REFUSED(patch("{\"place\":{\"city\":null}}"), "/place/city not_null");
}

static void patch_replaces_lists_whole(void **state)
{
    (void)state;
    REFUSED(patch("{\"places\":[{\"zip\":\"1\"}]}"), "/places/0/city required");
}

static void in_a_patch_null_removes_a_maps_member(void **state)
{
    (void)state;
    assert_true(patch("{\"labels\":{\"a\":null}}"));
    assert_true(bound.values[LABELS].items[0].is_null);
    assert_string_equal(bound.values[LABELS].text.p, "{\"a\":null}");
    REFUSED(create("{\"name\":\"n\",\"note\":null,\"labels\":{\"a\":null}}"), "/labels/a not_null");
}

static void what_is_the_servers_is_not_the_clients(void **state)
{
    (void)state;
    REFUSED(patch("{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\"}"), "/id read_only");
    REFUSED(patch("{\"id\":null}"), "/id read_only");
    REFUSED(patch("{\"once\":\"x\"}"), "/once read_only");
    assert_int_equal(bound.present, 0);
}

static void unknown_members_are_named_with_escapes(void **state)
{
    (void)state;
    REFUSED(patch("{\"nope\":1,\"a/b~c\":2,\"\":3,\"Name\":4}"),
            "/nope unknown_member|/a~1b~0c unknown_member|/ unknown_member|/Name unknown_member");
    REFUSED(patch("{\"place\":{\"x\":1}}"), "/place/x unknown_member");
}

static void a_long_unknown_name_is_not_repeated(void **state)
{
    char key[258];
    struct sv body;

    (void)state;
    memset(key, 'k', sizeof key);
    body = arena_printf(arena, "{\"%.256s\":1}", key);
    assert_false(json_bind(arena, &table, JSON_PATCH, body, &bound));
    assert_int_equal(bound.faults[0].pointer.n, 257);
    assert_true(bound.faults[0].detail.n < 100);
    body = arena_printf(arena, "{\"%.257s\":1}", key);
    assert_false(json_bind(arena, &table, JSON_PATCH, body, &bound));
    assert_int_equal(bound.faults[0].pointer.n, 0);
    assert_int_equal(bound.faults[0].code, JSON_FAULT_UNKNOWN_MEMBER);
}

static void lists_have_limits_and_types(void **state)
{
    (void)state;
    assert_true(patch("{\"tags\":[\"a\",\" b \",\"c\"],\"scores\":[1,null,-2]}"));
    assert_int_equal(bound.values[TAGS].item_count, 3);
    assert_string_equal(bound.values[TAGS].items[1].text.p, "b");
    assert_string_equal(bound.values[TAGS].text.p, "[\"a\",\"b\",\"c\"]");
    assert_string_equal(bound.values[SCORES].text.p, "[1,null,-2]");
    assert_true(patch("{\"tags\":[\"a\"],\"scores\":[]}"));
    assert_string_equal(bound.values[SCORES].text.p, "[]");
    REFUSED(patch("{\"tags\":[]}"), "/tags too_few_items");
    REFUSED(patch("{\"tags\":[\"a\",\"b\",\"c\",\"d\"]}"), "/tags too_many_items");
    REFUSED(patch("{\"tags\":{}}"), "/tags wrong_type");
    REFUSED(patch("{\"tags\":\"a\"}"), "/tags wrong_type");
    REFUSED(patch("{\"tags\":[\"a\",1,null]}"), "/tags/1 wrong_type|/tags/2 not_null");
    REFUSED(patch("{\"tags\":[\"a\",\"b\",\" a\"]}"), "/tags/2 duplicate_item");
    REFUSED(patch("{\"tags\":[1,1]}"), "/tags/0 wrong_type|/tags/1 wrong_type");
}

/* A list of `count` ones: the usual limit is 100. */
static struct sv scores(size_t count)
{
    struct sv body = SV("{\"scores\":[1");

    while (--count)
        body = arena_printf(arena, "%.*s,1", SV_ARG(body));
    return arena_printf(arena, "%.*s]}", SV_ARG(body));
}

static void a_list_without_limits_has_the_usual_ones(void **state)
{
    (void)state;
    assert_int_equal(json_field_limits(&fields[SCORES]).max, 100);
    assert_int_equal(json_field_limits(&place_fields[PLACE_CITY]).min, 1);
    assert_int_equal(json_field_limits(&place_fields[PLACE_CITY]).max, 255);
    assert_true(json_bind(arena, &table, JSON_PATCH, scores(100), &bound));
    REFUSED(json_bind(arena, &table, JSON_PATCH, scores(101), &bound), "/scores too_many_items");
}

static void maps_have_free_keys_within_limits(void **state)
{
    char key[74];

    (void)state;
    assert_true(patch("{\"labels\":{\"b/\":\" x \",\"a\":\"\"},\"rates\":{\"r\":9}}"));
    assert_string_equal(bound.values[LABELS].items[0].key.p, "b/");
    assert_string_equal(bound.values[LABELS].text.p, "{\"b/\":\"x\",\"a\":\"\"}");
    assert_int_equal(bound.values[RATES].items[0].number, 9);
    REFUSED(patch("{\"labels\":{\"a\":\"\",\"b\":\"\",\"c\":\"\"}}"), "/labels too_many_items");
    REFUSED(patch("{\"labels\":{\"b/\":1}}"), "/labels/b~1 wrong_type");
    REFUSED(patch("{\"rates\":{\"r\":10}}"), "/rates/r too_large");
    REFUSED(patch("{\"labels\":{\"\":\"x\"}}"), "/labels invalid_key");
    REFUSED(patch("{\"labels\":{\" a\":\"x\"}}"), "/labels invalid_key");
    REFUSED(patch("{\"labels\":{\"a\\n\":\"x\"}}"), "/labels invalid_key");
    REFUSED(patch("{\"labels\":[]}"), "/labels wrong_type");
    memset(key, 'k', sizeof key);
    assert_true(patch(arena_printf(arena, "{\"labels\":{\"%.72s\":\"x\"}}", key).p));
    REFUSED(patch(arena_printf(arena, "{\"labels\":{\"%.73s\":\"x\"}}", key).p),
            "/labels invalid_key");
}

static void any_json_is_kept_compact(void **state)
{
    (void)state;
    assert_true(patch("{\"extra\": { \"z\" : [ 0.1, 1E2 ] } }"));
    assert_string_equal(bound.values[EXTRA].text.p, "{\"z\":[0.1,100]}");
    assert_true(patch("{\"extra\":0.30000000000000004}"));
    assert_string_equal(bound.values[EXTRA].text.p, "0.30000000000000004");
    assert_true(patch("{\"extra\":-0.0}"));
    assert_string_equal(bound.values[EXTRA].text.p, "0");
    assert_true(patch("{\"extra\":\"123456789012345678\"}"));
    REFUSED(patch("{\"extra\":\"1234567890123456789\"}"), "/extra too_long");
    REFUSED(patch("{\"extra\":null}"), "/extra not_null");
}

static void objects_within_objects_and_lists(void **state)
{
    const struct json_value *first;

    (void)state;
    assert_true(patch("{\"places\":[{\"zip\":\"1\",\"city\":\"A\"},{\"city\":\"B\"}]}"));
    first = &bound.values[PLACES].items[0];
    assert_string_equal(first->items[PLACE_CITY].text.p, "A");
    assert_int_equal(first->present, 3);
    assert_string_equal(bound.values[PLACES].text.p,
                        "[{\"city\":\"A\",\"zip\":\"1\"},{\"city\":\"B\"}]");
    REFUSED(patch("{\"places\":[{\"city\":\"A\"},{\"city\":\"\",\"zip\":\"123456\"},7]}"),
            "/places/1/city too_short|/places/1/zip too_long|/places/2 wrong_type");
}

static void all_faults_come_at_once_as_problem_json_wants_them(void **state)
{
    struct str s;
    struct emit e;

    (void)state;
    REFUSED(create("{\"name\":\"123456789\",\"x\":1,\"tags\":[\"\"]}"),
            "/name too_long|/note required|/tags/0 too_short|/x unknown_member");
    assert_string_equal(bound.faults[0].detail.p,
                        "/name must have at most 8 characters; it has 9.");
    bound.fault_count = 2;
    str_init(&s, KB(4));
    emit_init(&e, &s);
    json_emit_faults(&e, &bound);
    assert_true(emit_finish(&e));
    assert_string_equal(
        str_cstr(&s),
        "[{\"pointer\":\"/name\",\"code\":\"too_long\",\"detail\":\"/name must have at most 8 "
        "characters; it has 9.\"},{\"pointer\":\"/note\",\"code\":\"required\",\"detail\":\"/note is "
        "required.\"}]");
    str_fini(&s);
}

/* A body of `count` unknown members. */
static struct sv unknowns(size_t count)
{
    struct sv body = SV("{\"u0\":0");

    for (size_t i = 1; i < count; i++)
        body = arena_printf(arena, "%.*s,\"u%zu\":0", SV_ARG(body), i);
    return arena_printf(arena, "%.*s}", SV_ARG(body));
}

static void a_hundred_faults_are_enough(void **state)
{
    (void)state;
    assert_false(json_bind(arena, &table, JSON_PATCH, unknowns(JSON_FAULTS), &bound));
    assert_int_equal(bound.fault_count, JSON_FAULTS);
    assert_false(bound.faults_cut);
    assert_false(json_bind(arena, &table, JSON_PATCH, unknowns(JSON_FAULTS + 1), &bound));
    assert_int_equal(bound.fault_count, JSON_FAULTS);
    assert_true(bound.faults_cut);
}

static void a_table_has_64_fields_and_64_bits(void **state)
{
    static struct json_field many[64];
    static char names[64][4];
    const struct json_table wide = {"wide", many, COUNT_OF(many), 0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(many); i++) {
        snprintf(names[i], sizeof names[i], "f%zu", i);
        many[i] = (struct json_field){.name = names[i], .type = FIELD_BOOL};
    }
    assert_int_equal(JSON_TABLE_FIELDS, 64);
    assert_true(json_bind(arena, &wide, JSON_CREATE, SV("{\"f63\":true,\"f0\":false}"), &bound));
    assert_true(bound.present == (UINT64_C(1) << 63 | 1));
    assert_true(bound.values[63].truth);
}

static void bind_to_65_fields(void)
{
    static const struct json_field many[65] = {JSON_FIELD("a", FIELD_BOOL)};
    static const struct json_table wide = JSON_TABLE("wide", many);

    ENSURE(json_bind(arena, &wide, JSON_CREATE, SV("{\"a\":true}"), &bound));
}

/* A list whose items must differ, of at most `max`. */
static void bind_unique(int64_t max)
{
    const struct json_field list[] = {
        JSON_FIELD("a", FIELD_LIST, FIELD_UNIQUE, .max = max, .item = &word)};
    const struct json_table unique = JSON_TABLE("unique", list);

    ENSURE(json_bind(arena, &unique, JSON_CREATE, SV("{\"a\":[]}"), &bound));
}

static void bind_unique_1000(void)
{
    bind_unique((int64_t)JSON_UNIQUE_ITEMS);
}

static void bind_unique_1001(void)
{
    bind_unique((int64_t)JSON_UNIQUE_ITEMS + 1);
}

/* Runs `use` in a child; true when it died by die(). */
static bool dies(void (*use)(void))
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        close(2);
        use();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_STATUS_CRASH;
}

static void a_wrong_table_is_our_bug(void **state)
{
    (void)state;
    assert_true(dies(bind_to_65_fields));
    assert_false(dies(bind_unique_1000));
    assert_true(dies(bind_unique_1001));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(absent_is_not_null),
        TEST(create_wants_what_is_required),
        TEST(patch_wants_nothing_but_refuses_null_where_it_cannot_be),
        TEST(patch_replaces_lists_whole),
        TEST(in_a_patch_null_removes_a_maps_member),
        TEST(what_is_the_servers_is_not_the_clients),
        TEST(unknown_members_are_named_with_escapes),
        TEST(a_long_unknown_name_is_not_repeated),
        TEST(lists_have_limits_and_types),
        TEST(a_list_without_limits_has_the_usual_ones),
        TEST(maps_have_free_keys_within_limits),
        TEST(any_json_is_kept_compact),
        TEST(objects_within_objects_and_lists),
        TEST(all_faults_come_at_once_as_problem_json_wants_them),
        TEST(a_hundred_faults_are_enough),
        TEST(a_table_has_64_fields_and_64_bits),
        TEST(a_wrong_table_is_our_bug),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
