/* Chunked bodies: any bytes, whole and in slices; and what is encoded comes out again. The first
 * byte says how they are sliced. */
#include <string.h>

#include "base/str.h"
#include "http/chunked.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct outcome {
    enum http_chunked_result result;
    struct http_fault fault;
    size_t rest;
    struct str body;
};

static void decode(struct outcome *out, struct sv bytes, size_t slice)
{
    struct http_chunked chunked = {0};
    size_t given = 0;

    str_init(&out->body, MB(4));
    out->result = HTTP_CHUNKED_MORE;
    out->fault = (struct http_fault){ERROR_COUNT, NULL};
    while (out->result == HTTP_CHUNKED_MORE && given < bytes.n) {
        struct sv piece = sv_head(sv_skip(bytes, given), slice);
        struct sv input = piece;
        struct sv data;

        given += piece.n;
        while ((out->result = http_chunked_next(&chunked, &input, &data, &out->fault)) ==
               HTTP_CHUNKED_DATA) {
            ENSURE(data.n > 0 && data.p >= piece.p && data.p + data.n <= piece.p + piece.n);
            str_add(&out->body, data);
        }
        ENSURE(input.p + input.n == piece.p + piece.n);
        ENSURE(out->result != HTTP_CHUNKED_MORE || input.n == 0);
        out->rest = bytes.n - given + input.n;
    }
    ENSURE((out->result == HTTP_CHUNKED_BAD) == (out->fault.why != NULL));
}

static void check_slices(struct sv bytes, size_t slice)
{
    struct outcome whole = {.rest = 0};
    struct outcome sliced = {.rest = 0};

    decode(&whole, bytes, SIZE_MAX);
    decode(&sliced, bytes, slice);
    ENSURE(sliced.result == whole.result && sliced.rest == whole.rest);
    ENSURE(sliced.fault.code == whole.fault.code && sliced.fault.why == whole.fault.why);
    ENSURE(sv_eq(str_view(&sliced.body), str_view(&whole.body)));
    str_fini(&whole.body);
    str_fini(&sliced.body);
}

/* Encodes the bytes in chunks, decodes them in slices of another length. */
static void check_round_trip(struct sv bytes, size_t chunk, size_t slice)
{
    struct str text;
    struct outcome out = {.rest = 0};

    str_init(&text, MB(4));
    for (size_t at = 0; at < bytes.n; at += chunk) {
        struct sv data = sv_head(sv_skip(bytes, at), chunk);

        str_addf(&text, "%zx\r\n", data.n);
        str_add(&text, data);
        STR_ADD(&text, "\r\n");
    }
    STR_ADD(&text, "0\r\nDigest: x\r\n\r\nGET");
    decode(&out, str_view(&text), slice);
    ENSURE(out.result == HTTP_CHUNKED_DONE && sv_eq(str_view(&out.body), bytes));
    ENSURE(out.rest <= 3 && (slice == 1 || out.rest == 3));
    str_fini(&text);
    str_fini(&out.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct sv text = sv_skip((struct sv){(const char *)bytes, size}, 1);
    size_t slice = size ? 1 + bytes[0] % 31u : 1;

    check_slices(text, 1);
    check_slices(text, slice);
    check_round_trip(text, slice, 32 - slice);
    return 0;
}
