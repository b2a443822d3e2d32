/* Any bytes as a form with a file: it is refused with its reason, or every name is there once and
 * the file is a part of the body; and what is put into one comes out again. */
#include "base/str.h"
#include "http/multipart.h"

#define TYPE "multipart/form-data; boundary=kith"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_form(struct arena *arena, struct sv body)
{
    const struct http_param *fields;
    size_t count;
    struct http_file file;
    struct http_fault fault = {ERROR_COUNT, NULL};

    if (!http_multipart_parse(arena, SV(TYPE), body, &fields, &count, &file, &fault)) {
        ENSURE(fault.code == ERR_MALFORMED_REQUEST || fault.code == ERR_INVALID_INPUT);
        ENSURE(fault.why && count == 0);
        return;
    }
    ENSURE(count <= HTTP_FORM_FIELDS && sv_is_utf8(file.name) && file.bytes.n <= body.n);
    for (size_t i = 0; i < count; i++) {
        ENSURE(fields[i].name.n && sv_is_utf8(fields[i].name) && sv_is_utf8(fields[i].value));
        ENSURE(http_param_find(fields, count, fields[i].name) == &fields[i].value);
    }
}

static bool has_delimiter(struct sv text)
{
    for (size_t i = 0; i + 8 <= text.n; i++) {
        if (sv_starts_with(sv_skip(text, i), SV("\r\n--kith")))
            return true;
    }
    return false;
}

static void check_round_trip(struct arena *arena, struct sv content)
{
    struct str *body = str_new_in(arena, MB(2));
    const struct http_param *fields;
    size_t count;
    struct http_file file;
    struct http_fault fault;

    if (has_delimiter(content) || sv_starts_with(content, SV("--kith")))
        return;
    STR_ADD(body, "--kith\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n\"\r\n\r\n");
    str_add(body, content);
    STR_ADD(body, "\r\n--kith--\r\n");
    ENSURE(http_multipart_parse(arena, SV(TYPE), str_view(body), &fields, &count, &file, &fault));
    ENSURE(count == 0 && sv_eq(file.bytes, content) && sv_eq(file.name, SV("n")));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct sv text = {(const char *)bytes, size};
    struct arena *arena = arena_new(MB(8));

    check_form(arena, text);
    check_round_trip(arena, text);
    arena_free(arena);
    return 0;
}
