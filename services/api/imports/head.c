/* The first row of a file: its columns. */
#include "imports/import.h"

static const struct {
    char separator;
    const char *name;
} separators[] = {{',', "comma"}, {';', "semicolon"}, {'\t', "tab"},
                  {'|', "bar"},   {'[', "json"},      {'\n', "lines"}};

const char *import_separator_name(char separator)
{
    for (size_t i = 0; i < COUNT_OF(separators); i++) {
        if (separators[i].separator == separator)
            return separators[i].name;
    }
    die("no such separator");
}

char import_separator_of(struct sv name)
{
    for (size_t i = 0; i < COUNT_OF(separators); i++) {
        if (sv_eq(name, sv_of(separators[i].name)))
            return separators[i].separator;
    }
    die("no such separator");
}

static void free_reader(void *arg)
{
    csv_reader_free(arg);
}

bool import_read_head(struct arena *arena, struct sv bytes, bool is_all, enum csv_encoding encoding,
                      struct import_head *out)
{
    struct csv_decoder decoder = {.encoding = encoding};
    struct str *text = str_new_in(arena, bytes.n * DECODED_FACTOR + 1);
    struct sv rest;

    csv_decode(&decoder, bytes, text);
    if (is_all)
        csv_decode_end(&decoder, text);
    rest = str_view(text);
    out->separator = csv_separator(rest);
    out->reader = csv_reader_new(out->separator);
    arena_defer(arena, free_reader, out->reader);
    return csv_read(out->reader, &rest, &out->names) ||
           (is_all && csv_read_end(out->reader, &out->names));
}
