/* The head of a request: what is refused and why, what is understood, and that slicing does not
 * matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/sv.h"
#include "http/bytes.h"
#include "http/head.h"

#define GET    "GET / HTTP/1.1\r\n"
#define POST   "POST / HTTP/1.1\r\n"
#define HOST   "Host: a\r\n"
#define NO_ERR ERROR_COUNT

/* Scans and parses, as a connection would. Gives the error, or NO_ERR. */
static enum error_code judge_slices(struct arena *arena, struct sv bytes, struct http_head *head,
                                    size_t slice, struct http_fault *fault)
{
    struct http_head_scan scan = {0};
    size_t head_bytes = 0;
    enum http_head_result result = HTTP_HEAD_MORE;

    fault->why = "";
    for (size_t n = 0; result == HTTP_HEAD_MORE && n < bytes.n;) {
        n = size_min(n + slice, bytes.n);
        result =
            http_head_scan(&scan, sv_head(bytes, n), &HTTP_HEAD_LIMITS_DEFAULT, &head_bytes, fault);
    }
    if (result == HTTP_HEAD_BAD)
        return fault->code;
    if (result == HTTP_HEAD_MORE)
        fail_msg("no end and no fault in: %.*s", SV_ARG(bytes));
    return http_head_parse(arena, sv_head(bytes, head_bytes), head, fault) ? NO_ERR : fault->code;
}

static enum error_code judge(struct arena *arena, struct sv bytes, struct http_head *head)
{
    struct http_fault fault;

    return judge_slices(arena, bytes, head, SIZE_MAX, &fault);
}

struct row {
    struct sv bytes;
    enum error_code code;
    const char *why; /* begins so */
};

/* clang-format off */
#define ROW(bytes, code, why) {{bytes, sizeof(bytes) - 1}, code, why}
#define BAD(bytes, why)       ROW(bytes, ERR_MALFORMED_REQUEST, why)
#define FIELD(field, why)     BAD(POST HOST field "\r\n\r\n", why)
#define LF_ALONE              "A line ends in a line feed without"
#define CR_ALONE              "A carriage return stands without"
#define NAME                  "A field name has a character"
#define VALUE                 "A field value has a control"
#define VERSION               "The version is not"
#define TARGET                "The request target has a character"
#define LENGTH                "The Content-Length field is not"

static const struct row faults[] = {
    /* the request line */
    BAD("\n", LF_ALONE),
    BAD("\r\n\r\n", "More than one empty line"),
    BAD("\rG", CR_ALONE),
    BAD("\x16", "The method has a character"), /* a TLS ClientHello */
    BAD("\x80", "The method has a character"),
    BAD(" GET / HTTP/1.1\r\n", "The method has a character"),
    BAD("G\0ET", "The method has a character"),
    BAD("bad_method\x01 /foo HTTP/1.1\r\n", "The method has a character"),
    BAD("GET\t/", "The method has a character"),
    BAD("GET\r\n", "The request line has no target"),
    BAD("GET\n", LF_ALONE),
    BAD("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG", "The method is too long"),
    BAD("GET  / HTTP/1.1\r\n", "More than one space stands before the request target"),
    BAD("GET \r\n", TARGET),
    BAD("GET \x01", TARGET),
    BAD("GET /\0", TARGET),
    BAD("GET \0/", TARGET),
    BAD("GET /endpoint_a\tHTTP/1.1", TARGET),
    BAD("GET /endpoint_a\x01HTTP/1.1", TARGET),
    BAD("GET /endpoint_a\rHTTP/1.1", "The request line has no version"),
    BAD("GET /endpoint_a\nHTTP/1.1", LF_ALONE),
    BAD("GET /caf\xc3\xa9", TARGET),
    BAD("GET /#", TARGET), BAD("GET /\"", TARGET), BAD("GET /<", TARGET), BAD("GET />", TARGET),
    BAD("GET /\\", TARGET), BAD("GET /^", TARGET), BAD("GET /`", TARGET), BAD("GET /{", TARGET),
    BAD("GET /|", TARGET), BAD("GET /}", TARGET), BAD("GET /\x7f", TARGET),
    BAD("GET /\r\n", "The request line has no version"), /* HTTP/0.9 */
    BAD("GET /?a=not escaped HTTP/1.1\r\n", VERSION),
    BAD("GET /  HTTP/1.1\r\n", "More than one space stands before the version"),
    BAD("GET / \r\n", VERSION),
    BAD("GET / http/1.1\r\n", VERSION), BAD("GET / HTTP/1\r\n", VERSION),
    BAD("GET / HTTP/1.\r\n", VERSION), BAD("GET / HTTP/1,1\r\n", VERSION),
    BAD("GET / HTTP/x.1\r\n", VERSION), BAD("GET / HTTP/1.10\r\n", VERSION),
    BAD("GET / HTTP/11.1\r\n", VERSION), BAD("GET / HTTP/1.1 \r\n", VERSION),
    BAD("GET / HTTP/1.1 HTTP/1.1\r\n", VERSION), BAD("GET / HTTP/ 1.1\r\n", VERSION),
    BAD("GET / HTTPS/1.1\r\n", VERSION), BAD("GET / HTTP/1.1\0\r\n", VERSION),
    BAD("GET / HTTP/1.1\n", LF_ALONE), BAD("GET / HTTP/1.1\rX", CR_ALONE),
    BAD("GET / HTTP/1.1\r\r\n", CR_ALONE),
    ROW("GET / HTTP/2.0\r\n", ERR_VERSION_UNSUPPORTED, "This server speaks"),
    ROW("GET / HTTP/0.9\r\n", ERR_VERSION_UNSUPPORTED, "This server speaks"),
    ROW("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ERR_VERSION_UNSUPPORTED, "This server speaks"),

    /* the fields' form; after the classes of aws/http-desync-guardian */
    BAD(GET "\n", LF_ALONE), BAD(GET HOST "\n", LF_ALONE),
    BAD(GET HOST "\rX", CR_ALONE), BAD(GET HOST "\r\r", CR_ALONE),
    BAD(GET " Host: a\r\n", "A header field is folded"),
    BAD(GET HOST "\tb: c\r\n", "A header field is folded"),
    BAD(GET HOST "X: a\r\n b\r\n\r\n", "A header field is folded"),
    BAD(GET HOST "X:\r\n\tb\r\n\r\n", "A header field is folded"),
    FIELD("Multi: values\r\n are \n Transfer-Encoding: chunked", "A header field is folded"),
    FIELD("Multi: values\n are \n Transfer-Encoding: chunked", LF_ALONE),
    FIELD(" Content-Length: 100", "A header field is folded"),
    FIELD("   \t\t  : chunked", "A header field is folded"),
    FIELD("X: a\rb", CR_ALONE), FIELD("X: a\r", CR_ALONE),
    FIELD(": chunked", "A field name is empty"),
    FIELD(":SomeHeader:Transfer-Encoding:: chunked", "A field name is empty"),
    FIELD("Some-Bad-Header\r: 1000", "A header field has no colon"),
    FIELD("Some-Bad-Header", "A header field has no colon"),
    FIELD("Some-Bad-Header\n: 1000", LF_ALONE),
    FIELD("Some-Bad-Header\0: 1000", NAME), FIELD("\0Some-Bad-Header: value", NAME),
    FIELD("\x01Transfer-Encoding: chunked", NAME), FIELD("\x01\x01" "Content-Length: 1", NAME),
    FIELD("Transfer-Encoding\x88: chunked", NAME), FIELD("\xa0" "Content-Length: 100", NAME),
    FIELD("Tran\xc5\xbf" "fer-Encoding: chunked", NAME),
    FIELD("Transfer-Encod\xc4\xb1ng: chunked", NAME),
    FIELD("Transfer\xe2\x80\x95" "Encoding: chunked", NAME),
    FIELD("\xe2\x80\x80Transfer-Encoding: chunked", NAME),
    FIELD("X@Y: z", NAME), FIELD("(X): z", NAME), FIELD("X/Y: z", NAME), FIELD("\"X\": z", NAME),
    FIELD("X\x7f: z", NAME),
    FIELD("Content-Length : 30", "White space stands between"),
    FIELD("Content-Length\t: 30", "White space stands between"),
    FIELD("Transfer-Encoding : chunked", "White space stands between"),
    FIELD("Transfer- Encoding: chunked", "White space stands between"),
    FIELD("Transfer-Encoding x: chunked", "White space stands between"),
    FIELD("Transfer-Encoding \x01: chunked", "White space stands between"),
    FIELD("X: value\0", VALUE), FIELD("X: \0value", VALUE), FIELD("X: a\0b", VALUE),
    FIELD("X: \x01", VALUE), FIELD("X: \x0b", VALUE), FIELD("X: \x1f", VALUE),
    FIELD("X: \x7f", VALUE), FIELD("X: a\x08", VALUE),
    FIELD("Transfer-Encoding: chunked\x11", VALUE), FIELD("Content-Length: 1000\x11", VALUE),
    FIELD("Transfer-Encoding: \x0b" "chunked", VALUE),

    /* Host */
    BAD(GET "\r\n", "The Host field is missing"),
    BAD(GET HOST HOST "\r\n", "There is more than one Host"),
    BAD(GET HOST "hOST: b\r\n\r\n", "There is more than one Host"),
    BAD("GET / HTTP/1.0\r\n" HOST HOST "\r\n", "There is more than one Host"),
    BAD(GET "Host:\r\n\r\n", "The Host field is empty"),
    BAD(GET "Host: \t \r\n\r\n", "The Host field is empty"),
#define HOST_ROW(host) BAD(GET "Host: " host "\r\n\r\n", "The Host field is not a host")
    HOST_ROW("a b"), HOST_ROW("user@a"), HOST_ROW("a/b"), HOST_ROW("a?b"), HOST_ROW("a#b"),
    HOST_ROW("a\\b"), HOST_ROW(":80"), HOST_ROW("a:b"), HOST_ROW("a:80:80"), HOST_ROW("a:65536"),
    HOST_ROW("a:-1"), HOST_ROW("a:+1"), HOST_ROW("a: 80"), HOST_ROW("::1"), HOST_ROW("[::1"),
    HOST_ROW("[]"), HOST_ROW("[::1]x"), HOST_ROW("[::1]80"), HOST_ROW("[::g]"), HOST_ROW("[v1.a]"),
    HOST_ROW("[1.2.3.4]"), HOST_ROW("a]"), HOST_ROW("a%"), HOST_ROW("a%z1"), HOST_ROW("a%4"),
    HOST_ROW("\xc3\xa9"), HOST_ROW("http://a"),
    HOST_ROW("[1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:aaaa]"),

    /* where the body ends */
    FIELD("Content-Length: 3\r\nContent-Length: 5", "There is more than one Content-Length"),
    FIELD("Content-Length: 3\r\ncontent-length: 3", "There is more than one Content-Length"),
    FIELD("Content-Length: 3, 3", LENGTH), FIELD("Content-Length: 1000,1000", LENGTH),
    FIELD("Content-Length: 1000 1000", LENGTH), FIELD("Content-Length: 1000.1000", LENGTH),
    FIELD("Content-Length: +3", LENGTH), FIELD("Content-Length: -3", LENGTH),
    FIELD("Content-Length: 0x3", LENGTH), FIELD("Content-Length: 3a", LENGTH),
    FIELD("Content-Length:", LENGTH), FIELD("Content-Length: \xc2\xb3", LENGTH),
    FIELD("Content-Length: \"3\"", LENGTH),
    FIELD("Content-Length: 9223372036854775808", LENGTH),
    FIELD("Content-Length: 18446744073709551616", LENGTH),
    FIELD("Transfer-Encoding: chunked\r\nContent-Length: 3", "There are both"),
    FIELD("Content-Length: 100\r\nTransfer-Encoding: chunked", "There are both"),
    FIELD("Content-Length: 100\r\nTransfer-Encoding: gzip", "There are both"),
    FIELD("Content-Length: x\r\nTransfer-Encoding: x y", "There are both"),
    FIELD("Transfer-Encoding: xchunked", "The last transfer coding"),
    FIELD("Transfer-Encoding: gzip", "The last transfer coding"),
    FIELD("Transfer-Encoding: identity", "The last transfer coding"),
    FIELD("Transfer-Encoding: chunked, gzip", "The last transfer coding"),
    FIELD("Transfer-Encoding: chunked, identity", "The last transfer coding"),
    FIELD("Transfer-Encoding: chunked,chunked", "The chunked coding is applied"),
    FIELD("Transfer-Encoding: chunked, gzip, chunked", "The chunked coding is applied"),
    FIELD("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "There is more than one Tran"),
    FIELD("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", "There is more than one Tran"),
    FIELD("Transfer-Encoding:", "The Transfer-Encoding field is not"),
    FIELD("Transfer-Encoding: ,chunked", "The Transfer-Encoding field is not"),
    FIELD("Transfer-Encoding: chunked,", "The Transfer-Encoding field is not"),
    FIELD("Transfer-Encoding: \"chunked\"", "The Transfer-Encoding field is not"),
    FIELD("Transfer-Encoding: chunked;a=b", "The Transfer-Encoding field is not"),
    FIELD("Transfer-Encoding: chunked x", "The Transfer-Encoding field is not"),
    FIELD("Transfer-Encoding: chunked\xa0", "The Transfer-Encoding field is not"),
    BAD("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0 has no Transfer"),
    ROW(POST HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", ERR_UNKNOWN_CODING, "The only"),
    ROW(POST HOST "Transfer-Encoding: foo , Chunked\r\n\r\n", ERR_UNKNOWN_CODING, "The only"),

    /* the connection, expectations */
    FIELD("Connection: \"close\"", "The Connection field is not"),
    FIELD("Connection: close keep-alive", "The Connection field is not"),
    ROW(POST HOST "Expect: 200-ok\r\n\r\n", ERR_EXPECTATION_FAILED, "The Expect field"),
    ROW(POST HOST "Expect:\r\n\r\n", ERR_EXPECTATION_FAILED, "The Expect field"),
    ROW(POST HOST "Expect: 100-continue, x\r\n\r\n", ERR_EXPECTATION_FAILED, "The Expect field"),
    ROW(POST HOST "Expect: x\r\nExpect: 100-continue\r\n\r\n", ERR_EXPECTATION_FAILED, "The Expe"),
    FIELD("Expect: x\r\nContent-Length: x", LENGTH), /* framing first */
};
/* clang-format on */

static void test_each_deviation_has_its_fault(void **state)
{
    struct arena *arena = arena_new(MB(1));

    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct http_head head;
        struct http_fault fault;
        enum error_code code = judge_slices(arena, faults[i].bytes, &head, SIZE_MAX, &fault);

        if (code != faults[i].code || strncmp(fault.why, faults[i].why, strlen(faults[i].why)) != 0)
            fail_msg("row %zu: %.*s: %d, %s", i, SV_ARG(faults[i].bytes), (int)code, fault.why);
    }
    arena_free(arena);
}

/* A fault of form is known at the byte that makes it, whatever would follow. */
static void test_the_scan_stops_at_the_byte_that_is_wrong(void **state)
{
    static const struct {
        struct sv bytes;
        size_t scanned;
    } rows[] = {
        {{"\x16\x03\x01", 3}, 0},       {{"GET /\0 HTTP/1.1\r\n", 17}, 5},
        {{"GET / HTTP/1.1\n", 15}, 14}, {{GET "Ho st: a\r\n", 26}, 18},
        {{GET "X: a\0\r\n", 23}, 20},   {{GET HOST " folded\r\n", 34}, 25},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_head_scan scan = {0};
        size_t head_bytes = 0;
        struct http_fault fault;

        assert_int_equal(
            http_head_scan(&scan, rows[i].bytes, &HTTP_HEAD_LIMITS_DEFAULT, &head_bytes, &fault),
            HTTP_HEAD_BAD);
        assert_int_equal(scan.scanned, rows[i].scanned);
    }
}

static void test_a_whole_request_is_understood(void **state)
{
    static const char text[] = "\r\nPATCH /a?b HTTP/1.1\r\nhost:\t[::1]:8080 \r\nX-Empty:\r\n"
                               "X-Odd: \xff\tb:c \t\r\ncontent-LENGTH: 012\r\nx-odd: two\r\n"
                               "Expect: 100-Continue\r\n\r\nthe body is not of it";
    struct arena *arena = arena_new(MB(1));
    struct http_head head;

    (void)state;
    assert_int_equal(judge(arena, sv_of(text), &head), NO_ERR);
    assert_int_equal(head.method, HTTP_PATCH);
    assert_true(sv_eq(head.method_text, SV("PATCH")));
    assert_true(sv_eq(head.target, SV("/a?b")));
    assert_int_equal(head.minor_version, 1);
    assert_true(sv_eq(head.host, SV("[::1]:8080")));
    assert_int_equal(head.field_count, 6);
    assert_true(sv_eq(head.fields[0].name, SV("host")));
    assert_true(sv_eq(head.fields[1].value, SV("")));
    assert_true(sv_eq(head.fields[2].value, SV("\xff\tb:c")));
    assert_int_equal(head.framing, HTTP_BODY_LENGTH);
    assert_int_equal(head.content_length, 12);
    assert_true(head.keep_alive);
    assert_true(head.expects_continue);
    assert_true(sv_eq(*http_head_field(&head, SV("X-ODD")), SV("\xff\tb:c")));
    assert_int_equal(http_head_field_count(&head, SV("X-ODD")), 2);
    assert_null(http_head_field(&head, SV("X-Od")));
    assert_int_equal(http_head_field_count(&head, SV("X-Od")), 0);
    arena_free(arena);
}

static void test_framing(void **state)
{
    static const struct {
        const char *fields;
        enum http_body_framing framing;
        uint64_t length;
    } rows[] = {
        {"", HTTP_BODY_NONE, 0},
        {"Content-Length: 0\r\n", HTTP_BODY_LENGTH, 0},
        {"Content-Length: 9223372036854775807\r\n", HTTP_BODY_LENGTH, INT64_MAX},
        {"Transfer-Encoding: chunked\r\n", HTTP_BODY_CHUNKED, 0},
        {"transfer-encoding:\tChunkeD \r\n", HTTP_BODY_CHUNKED, 0},
        /* names that only look like framing are fields like any other */
        {"Transfer_Encoding: chunked\r\nContent_Length: 3\r\n", HTTP_BODY_NONE, 0},
        {"Transfer---Encoding: chunked\r\n", HTTP_BODY_NONE, 0},
    };
    static const char *const methods[] = {"GET", "HEAD", "POST", "DELETE", "OPTIONS", "BREW"};
    struct arena *arena = arena_new(MB(1));

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (size_t m = 0; m < COUNT_OF(methods); m++) {
            struct http_head head;

            assert_int_equal(judge(arena,
                                   arena_printf(arena, "%s / HTTP/1.1\r\n" HOST "%s\r\n",
                                                methods[m], rows[i].fields),
                                   &head),
                             NO_ERR);
            assert_int_equal(head.framing, rows[i].framing);
            assert_int_equal(head.content_length, rows[i].length);
        }
    }
    arena_free(arena);
}

static void test_keep_alive_and_expect_by_version(void **state)
{
    static const struct {
        const char *text;
        int minor;
        bool keep_alive;
        bool expects;
    } rows[] = {
        {"GET / HTTP/1.1\r\n" HOST, 1, true, false},
        {"GET / HTTP/1.2\r\n" HOST, 1, true, false},
        {"GET / HTTP/1.9\r\n" HOST, 1, true, false},
        {"GET / HTTP/1.1\r\n" HOST "Connection: close\r\n", 1, false, false},
        {"GET / HTTP/1.1\r\n" HOST "Connection: x, ,\tCLOSE ,y\r\n", 1, false, false},
        {"GET / HTTP/1.1\r\n" HOST "Connection: x\r\nconnection: close\r\n", 1, false, false},
        {"GET / HTTP/1.1\r\n" HOST "Connection: closed\r\n", 1, true, false},
        {"GET / HTTP/1.1\r\n" HOST "Connection:\r\n", 1, true, false},
        {"GET / HTTP/1.1\r\n" HOST "Connection: keep-alive, close\r\n", 1, false, false},
        {"GET / HTTP/1.0\r\n", 0, false, false},
        {"GET / HTTP/1.0\r\n" HOST, 0, false, false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n", 0, true, false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n", 0, false, false},
        {"GET / HTTP/1.0\r\nExpect: 100-continue\r\n", 0, false, false},
        {"GET / HTTP/1.0\r\nExpect: 200-ok\r\n", 0, false, false},
        {"GET / HTTP/1.1\r\n" HOST "Expect: 100-CONTINUE\r\n", 1, true, true},
    };
    struct arena *arena = arena_new(MB(1));

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_head head;

        assert_int_equal(judge(arena, arena_printf(arena, "%s\r\n", rows[i].text), &head), NO_ERR);
        assert_int_equal(head.minor_version, rows[i].minor);
        assert_int_equal(head.keep_alive, rows[i].keep_alive);
        assert_int_equal(head.expects_continue, rows[i].expects);
    }
    arena_free(arena);
}

static void test_methods(void **state)
{
    static const struct {
        const char *text;
        enum http_method method;
    } rows[] = {
        {"GET", HTTP_GET},
        {"HEAD", HTTP_HEAD},
        {"POST", HTTP_POST},
        {"PUT", HTTP_PUT},
        {"PATCH", HTTP_PATCH},
        {"DELETE", HTTP_DELETE},
        {"OPTIONS", HTTP_OPTIONS},
        {"get", HTTP_METHOD_UNKNOWN},
        {"GE", HTTP_METHOD_UNKNOWN},
        {"GETT", HTTP_METHOD_UNKNOWN},
        {"BREW", HTTP_METHOD_UNKNOWN},
        {"unknown", HTTP_METHOD_UNKNOWN},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF", HTTP_METHOD_UNKNOWN}, /* 32 */
        {"!#$%&'*+-.^_`|~09", HTTP_METHOD_UNKNOWN},
    };
    struct arena *arena = arena_new(MB(1));

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_head head;
        struct sv text = arena_printf(arena, "%s / HTTP/1.1\r\n" HOST "\r\n", rows[i].text);

        assert_int_equal(judge(arena, text, &head), NO_ERR);
        assert_int_equal(head.method, rows[i].method);
        assert_true(sv_eq(head.method_text, sv_of(rows[i].text)));
        if (head.method != HTTP_METHOD_UNKNOWN)
            assert_string_equal(http_method_name(head.method), rows[i].text);
    }
    assert_string_equal(http_method_name(HTTP_METHOD_UNKNOWN), "unknown");
    arena_free(arena);
}

static void test_good_hosts(void **state)
{
    static const char *const hosts[] = {
        "a",      "a.b-c_d~e", "127.0.0.1:8080",     "a:",   "a:0",       "a:65535",       "[::1]",
        "[::1]:", "[::1]:80",  "[::ffff:1.2.3.4]:1", "a%41", "a%41%5a:1", "a,b!$&'()*+;=",
    };
    struct arena *arena = arena_new(MB(1));

    (void)state;
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        struct http_head head;

        if (judge(arena, arena_printf(arena, GET "Host: %s\r\n\r\n", hosts[i]), &head) != NO_ERR)
            fail_msg("refused: %s", hosts[i]);
        assert_true(sv_eq(head.host, sv_of(hosts[i])));
    }
    arena_free(arena);
}

/* The result of scanning `text` under these limits, as an error code. */
static enum error_code scan_within(const char *text, struct http_head_limits limits)
{
    struct http_head_scan scan = {0};
    struct http_fault fault = {NO_ERR, NULL};
    size_t head_bytes = 0;

    (void)http_head_scan(&scan, sv_of(text), &limits, &head_bytes, &fault);
    return fault.code;
}

static void test_limits_at_the_limit_and_one_past_it(void **state)
{
    static const char text[] = "\r\n" GET HOST "B: c\r\n\r\n";
    const struct http_head_limits exact = {14, 15, 2};

    (void)state;
    assert_int_equal(scan_within(text, exact), NO_ERR);
    assert_int_equal(scan_within(text, (struct http_head_limits){13, 15, 2}), ERR_TARGET_TOO_LONG);
    assert_int_equal(scan_within(text, (struct http_head_limits){14, 14, 2}),
                     ERR_HEADERS_TOO_LARGE);
    assert_int_equal(scan_within(text, (struct http_head_limits){14, 15, 1}),
                     ERR_HEADERS_TOO_LARGE);
    /* known as soon as the byte is there, in whatever part of the line it stands */
    assert_int_equal(scan_within("GET", (struct http_head_limits){3, 15, 2}), NO_ERR);
    assert_int_equal(scan_within("GETS", (struct http_head_limits){3, 15, 2}), ERR_TARGET_TOO_LONG);
    assert_int_equal(scan_within("GET /abc", (struct http_head_limits){8, 15, 2}), NO_ERR);
    assert_int_equal(scan_within("GET /abcd", (struct http_head_limits){8, 15, 2}),
                     ERR_TARGET_TOO_LONG);
    assert_int_equal(scan_within(GET "Hos", (struct http_head_limits){14, 3, 2}), NO_ERR);
    assert_int_equal(scan_within(GET "Host", (struct http_head_limits){14, 3, 2}),
                     ERR_HEADERS_TOO_LARGE);
    assert_int_equal(scan_within(GET "H: abc", (struct http_head_limits){14, 6, 2}), NO_ERR);
    assert_int_equal(scan_within(GET "H: abcd", (struct http_head_limits){14, 6, 2}),
                     ERR_HEADERS_TOO_LARGE);
    assert_int_equal(scan_within(GET "\r\n", (struct http_head_limits){14, 0, 0}), NO_ERR);
}

static void test_an_unfinished_head_asks_for_more(void **state)
{
    static const char text[] = "\r\n" GET HOST "\r\n";
    size_t head_bytes = 0;
    struct http_fault fault;

    (void)state;
    for (size_t n = 0; n < sizeof text - 1; n++) {
        struct http_head_scan scan = {0};

        assert_int_equal(http_head_scan(&scan, (struct sv){text, n}, &HTTP_HEAD_LIMITS_DEFAULT,
                                        &head_bytes, &fault),
                         HTTP_HEAD_MORE);
    }
    assert_int_equal(head_bytes, 0);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Scans in random slices; the whole outcome has to be that of one piece. */
static void check_random_slices(struct sv bytes, uint32_t *seed)
{
    struct http_head_scan whole = {0};
    struct http_head_scan sliced = {0};
    struct http_fault whole_fault = {NO_ERR, ""};
    struct http_fault sliced_fault = {NO_ERR, ""};
    size_t whole_bytes = 0;
    size_t sliced_bytes = 0;
    enum http_head_result expected =
        http_head_scan(&whole, bytes, &HTTP_HEAD_LIMITS_DEFAULT, &whole_bytes, &whole_fault);
    enum http_head_result result = HTTP_HEAD_MORE;

    for (size_t n = 0; n < bytes.n && result == HTTP_HEAD_MORE;) {
        n = size_min(bytes.n, n + next_random(seed) % 7);
        result = http_head_scan(&sliced, sv_head(bytes, n), &HTTP_HEAD_LIMITS_DEFAULT,
                                &sliced_bytes, &sliced_fault);
    }
    assert_int_equal(result, expected);
    assert_int_equal(sliced_bytes, whole_bytes);
    assert_int_equal(sliced_fault.code, whole_fault.code);
    assert_string_equal(sliced_fault.why, whole_fault.why);
    assert_int_equal(sliced.scanned, whole.scanned);
    assert_int_equal(sliced.state, whole.state);
    assert_int_equal(sliced.field_count, whole.field_count);
}

static void test_slicing_does_not_matter(void **state)
{
    static const char good[] =
        "\r\nPOST /a/b?c=d HTTP/1.1\r\nHost: example.org:80\r\nAccept: */*\r\n"
        "Content-Length: 10\r\nX:\r\n\r\n0123456789";
    uint32_t seed = 20261121;

    (void)state;
    for (int round = 0; round < 50; round++) {
        check_random_slices(sv_of(good), &seed);
        for (size_t i = 0; i < COUNT_OF(faults); i++)
            check_random_slices(faults[i].bytes, &seed);
    }
    /* and with any one byte broken */
    for (int round = 0; round < 5000; round++) {
        char broken[sizeof good];

        memcpy(broken, good, sizeof good);
        broken[next_random(&seed) % (sizeof good - 1)] = (char)next_random(&seed);
        check_random_slices((struct sv){broken, sizeof good - 1}, &seed);
    }
}

static bool is_one_of(int c, const char *set)
{
    return c && strchr(set, c);
}

/* The table against the grammars. */
static void test_the_byte_classes(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        bool visible = c > 0x20 && c < 0x7f;
        bool text = c >= 0x80;
        bool host = alnum || is_one_of(c, "-._~!$&'()*+,;=%");
        bool path = host || is_one_of(c, ":@/");
        bool expected[] = {
            alnum || is_one_of(c, "!#$%&'*+-.^_`|~"),
            visible || text || c == ' ' || c == '\t',
            path || is_one_of(c, "?[]"),
            path,
            host,
            alnum || is_one_of(c, "-._~+/"),
            visible && !is_one_of(c, "\",;\\"),
            (visible && c != '"') || text,
        };

        for (size_t i = 0; i < COUNT_OF(expected); i++) {
            if (http_byte_is((char)c, (enum http_byte_class)(1u << i)) != expected[i])
                fail_msg("byte 0x%02x, class %u", (unsigned)c, 1u << i);
        }
    }
    assert_true(http_is_token(SV("a-Z")));
    assert_false(http_is_token(SV("")));
    assert_false(http_is_token(SV("a b")));
    assert_true(http_is_field_value(SV("")));
    assert_true(http_is_field_value(SV("a\t\xff")));
    assert_false(http_is_field_value(SV("a\r\nb")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_deviation_has_its_fault),
        cmocka_unit_test(test_the_scan_stops_at_the_byte_that_is_wrong),
        cmocka_unit_test(test_a_whole_request_is_understood),
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_keep_alive_and_expect_by_version),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_good_hosts),
        cmocka_unit_test(test_limits_at_the_limit_and_one_past_it),
        cmocka_unit_test(test_an_unfinished_head_asks_for_more),
        cmocka_unit_test(test_slicing_does_not_matter),
        cmocka_unit_test(test_the_byte_classes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
