/* Heads: any bytes, whole and in slices. The first byte says how they are sliced. */
#include <string.h>

#include "base/sv.h"
#include "http/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct http_head_limits limits = {
    .request_line_bytes = 200, .fields_bytes = 400, .field_count = 8};

/* What is given to the scan is a copy that ends where it ends: a look past it is seen. */
static enum http_head_result scan_copy(struct http_head_scan *scan, struct sv bytes,
                                       size_t *head_bytes, struct http_fault *fault)
{
    char *copy = x_malloc(bytes.n);
    enum http_head_result result;

    if (bytes.n)
        memcpy(copy, bytes.p, bytes.n);
    result = http_head_scan(scan, (struct sv){copy, bytes.n}, &limits, head_bytes, fault);
    x_free(copy);
    return result;
}

static void check_slices(struct sv bytes, size_t slice, enum http_head_result expected,
                         size_t expected_bytes, const struct http_fault *expected_fault)
{
    struct http_head_scan scan = {0};
    struct http_fault fault = {ERROR_COUNT, NULL};
    enum http_head_result result = HTTP_HEAD_MORE;
    size_t head_bytes = 0;

    for (size_t n = 0; n < bytes.n && result == HTTP_HEAD_MORE;) {
        n = size_min(bytes.n, n + slice);
        result = scan_copy(&scan, sv_head(bytes, n), &head_bytes, &fault);
        ENSURE(scan.scanned <= n);
    }
    ENSURE(result == expected);
    ENSURE(head_bytes == expected_bytes);
    ENSURE(fault.code == expected_fault->code && fault.why == expected_fault->why);
}

static bool is_inside(struct sv part, struct sv whole)
{
    return part.p >= whole.p && part.p + part.n <= whole.p + whole.n;
}

/* What a strict parser may never have let through, said without its help. */
static void check_head(const struct http_head *head, struct sv bytes)
{
    size_t lengths = http_head_field_count(head, SV("content-length"));
    size_t codings = http_head_field_count(head, SV("transfer-encoding"));
    size_t hosts = http_head_field_count(head, SV("host"));

    ENSURE(is_inside(head->method_text, bytes) && is_inside(head->target, bytes));
    ENSURE(http_is_token(head->method_text) && head->method_text.n <= 32);
    ENSURE(head->target.n > 0 && head->field_count <= limits.field_count);
    ENSURE(head->minor_version == 0 || head->minor_version == 1);
    for (size_t i = 0; i < head->field_count; i++) {
        const struct http_field *field = &head->fields[i];

        ENSURE(is_inside(field->name, bytes) && is_inside(field->value, bytes));
        ENSURE(http_is_token(field->name) && http_is_field_value(field->value));
        ENSURE(sv_eq(field->value, sv_trim(field->value)));
    }
    ENSURE(lengths + codings <= 1);
    ENSURE(hosts == 1 || (hosts == 0 && head->minor_version == 0));
    ENSURE((head->framing == HTTP_BODY_LENGTH) == (lengths == 1));
    ENSURE((head->framing == HTTP_BODY_CHUNKED) == (codings == 1));
    ENSURE(head->content_length <= INT64_MAX);
    ENSURE(!head->expects_continue || head->minor_version == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct sv all = {(const char *)bytes, size};
    size_t slice = size ? 1 + bytes[0] % 31u : 1;
    struct sv text = sv_skip(all, 1);
    struct http_head_scan scan = {0};
    struct http_fault fault = {ERROR_COUNT, NULL};
    size_t head_bytes = 0;
    enum http_head_result result = scan_copy(&scan, text, &head_bytes, &fault);

    ENSURE((result == HTTP_HEAD_BAD) == (fault.why != NULL));
    ENSURE(result != HTTP_HEAD_MORE || scan.scanned == text.n);
    check_slices(text, 1, result, head_bytes, &fault);
    check_slices(text, slice, result, head_bytes, &fault);
    if (result == HTTP_HEAD_DONE) {
        struct arena *arena = arena_new(MB(1));
        struct sv head_text = sv_head(text, head_bytes);
        struct http_head head;

        ENSURE(sv_ends_with(head_text, SV("\r\n\r\n")));
        if (http_head_parse(arena, head_text, &head, &fault))
            check_head(&head, head_text);
        else
            ENSURE(fault.why != NULL);
        arena_free(arena);
    }
    return 0;
}
