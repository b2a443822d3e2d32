/* Objects of a stream: the same whatever pieces it comes in; what is none ends it, or is one row's
 * fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "in_arena.h"
#include "json/rows.h"

#define MOST 8

struct found {
    size_t count;
    uint64_t numbers[MOST];
    struct sv texts[MOST];
    const char *fault;
    uint64_t fault_number;
};

static void keep(struct found *found, const struct json_row *row)
{
    assert_true(found->count < MOST);
    found->numbers[found->count] = row->number;
    found->texts[found->count++] = arena_copy(arena, row->text);
}

static struct found read_all(enum json_rows_form form, struct sv text, size_t piece)
{
    struct json_rows *rows = json_rows_new(form);
    struct found found = {0};
    struct json_row row;

    while (text.n) {
        struct sv part = sv_head(text, piece);

        text = sv_skip(text, part.n);
        while (json_rows_read(rows, &part, &row))
            keep(&found, &row);
    }
    while (json_rows_end(rows, &row))
        keep(&found, &row);
    found.fault = json_rows_fault(rows, &found.fault_number);
    json_rows_free(rows);
    return found;
}

static void in_any_pieces_the_same_items(void **state)
{
    struct sv array = SV(" [ {\"a\":\"],[\\\"}\"} ,\n{\"b\":[1,{\"c\":2}]},3 ] \n");
    struct sv lines = SV("{\"a\":1}\r\n\n  {\"b\":2}\n{\"c\":3}");

    (void)state;
    for (size_t piece = 1; piece < 20; piece++) {
        struct found of_array = read_all(JSON_ROWS_ARRAY, array, piece);
        struct found of_lines = read_all(JSON_ROWS_LINES, lines, piece);

        assert_null(of_array.fault);
        assert_int_equal(of_array.count, 3);
        assert_true(sv_eq(of_array.texts[1], SV("{\"b\":[1,{\"c\":2}]}")));
        assert_int_equal(of_array.numbers[2], 3);
        assert_null(of_lines.fault);
        assert_int_equal(of_lines.count, 3);
        assert_int_equal(of_lines.numbers[1], 3);
        assert_true(sv_eq(of_lines.texts[2], SV("{\"c\":3}")));
    }
}

static void what_is_no_array_is_told(void **state)
{
    static const char *const texts[] = {"",      "{}",    "[{}",   "[{},]", "[,{}]", "[{}] {}",
                                        "[{}]]", "[{}}]", "[\"a]", "{}[]",  "[[]"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_non_null(read_all(JSON_ROWS_ARRAY, sv_of(texts[i]), 3).fault);
    assert_null(read_all(JSON_ROWS_ARRAY, SV("[]"), 1).fault);
    assert_null(read_all(JSON_ROWS_LINES, SV(""), 1).fault);
}

static void an_item_may_have_its_most_and_no_more(void **state)
{
    char *text = arena_alloc(arena, JSON_ROW_BYTES + 3);

    (void)state;
    memset(text, 'a', JSON_ROW_BYTES + 1);
    assert_null(read_all(JSON_ROWS_LINES, (struct sv){text, JSON_ROW_BYTES}, KB(7)).fault);
    assert_string_equal(
        read_all(JSON_ROWS_LINES, (struct sv){text, JSON_ROW_BYTES + 1}, KB(7)).fault,
        "is larger than 256 KiB");
}

static void members_are_texts_by_name(void **state)
{
    struct sv names[] = {SV("a"), SV("b"), SV("c"), SV("d")};
    struct sv cells[COUNT_OF(names)];
    struct sv why = SV("");

    (void)state;
    assert_true(json_row_cells(arena,
                               SV("{\"b\":\"x\\u00e9\",\"a\":12.5,\"d\":[\"p\",\"q\"],\"c\":null}"),
                               names, COUNT_OF(names), cells, &why));
    assert_true(sv_eq(cells[0], SV("12.5")) && sv_eq(cells[1], SV("x\xc3\xa9")));
    assert_true(!cells[2].n && sv_eq(cells[3], SV("[\"p\",\"q\"]")));
    assert_false(
        json_row_cells(arena, SV("{\"a\":1,\"z\":2}"), names, COUNT_OF(names), cells, &why));
    assert_true(sv_eq(why, SV("has a member \"z\", which is no field of it")));
    assert_false(
        json_row_cells(arena, SV("{\"a\":1,\"a\":2}"), names, COUNT_OF(names), cells, &why));
    assert_false(json_row_cells(arena, SV("[1]"), names, COUNT_OF(names), cells, &why));
    assert_false(json_row_cells(arena, SV("{\"a\":}"), names, COUNT_OF(names), cells, &why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(in_any_pieces_the_same_items),
        TEST(what_is_no_array_is_told),
        TEST(an_item_may_have_its_most_and_no_more),
        TEST(members_are_texts_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
