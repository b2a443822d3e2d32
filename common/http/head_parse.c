/* The parse: cuts a scanned head into its parts, and judges what decides where the body ends, whom
 * the request is for, and what becomes of the connection. */
#include <arpa/inet.h>
#include <string.h>

#include "http/bytes.h"
#include "http/head.h"

#define HOST_PORT_MAX 65535

/* What the fields that matter to framing say, before they are judged together. */
struct framing {
    size_t host_count;
    size_t length_count;
    size_t coding_count;
    struct sv length;
    struct sv coding;
    bool close;
    bool keep_alive;
    bool expects;
    bool expects_other;
};

static const struct sv method_names[] = {
    [HTTP_GET] = {"GET", 3},         [HTTP_HEAD] = {"HEAD", 4},
    [HTTP_POST] = {"POST", 4},       [HTTP_PUT] = {"PUT", 3},
    [HTTP_PATCH] = {"PATCH", 5},     [HTTP_DELETE] = {"DELETE", 6},
    [HTTP_OPTIONS] = {"OPTIONS", 7}, [HTTP_METHOD_UNKNOWN] = {"unknown", 7},
};

static bool bad(struct http_fault *fault, const char *why)
{
    *fault = (struct http_fault){ERR_MALFORMED_REQUEST, why};
    return false;
}

const char *http_method_name(enum http_method method)
{
    return method_names[method].p;
}

static enum http_method method_of(struct sv text)
{
    size_t method = HTTP_GET;

    while (method < HTTP_METHOD_UNKNOWN && !sv_eq(text, method_names[method]))
        method++;
    return (enum http_method)method;
}

/* Takes the line at the front of *rest off, with its CRLF. */
static struct sv take_line(struct sv *rest)
{
    struct sv line = sv_head(*rest, sv_find(*rest, '\r'));

    *rest = sv_skip(*rest, line.n + 2);
    return line;
}

static void parse_request_line(struct sv line, struct http_head *out)
{
    size_t method_end = sv_find(line, ' ');
    struct sv rest = sv_skip(line, method_end + 1);
    size_t target_end = sv_find(rest, ' ');

    out->method_text = sv_head(line, method_end);
    out->method = method_of(out->method_text);
    out->target = sv_head(rest, target_end);
    out->minor_version = !sv_ends_with(line, SV(".0"));
}

static bool take_host(struct framing *framing, struct http_head *out, struct sv value,
                      struct http_fault *fault)
{
    (void)fault;
    framing->host_count++;
    out->host = value;
    return true;
}

static bool take_content_length(struct framing *framing, struct http_head *out, struct sv value,
                                struct http_fault *fault)
{
    (void)out;
    (void)fault;
    framing->length_count++;
    framing->length = value;
    return true;
}

static bool take_transfer_encoding(struct framing *framing, struct http_head *out, struct sv value,
                                   struct http_fault *fault)
{
    (void)out;
    (void)fault;
    framing->coding_count++;
    framing->coding = value;
    return true;
}

/* Empty elements are allowed in lists (RFC 9110 §5.6.1.2). */
static bool take_connection(struct framing *framing, struct http_head *out, struct sv value,
                            struct http_fault *fault)
{
    struct sv option;

    (void)out;
    while (sv_split(&value, ',', &option)) {
        option = sv_trim(option);
        if (option.n && !http_is_token(option))
            return bad(fault, "The Connection field is not a list of tokens.");
        framing->close |= sv_eq_nocase(option, SV("close"));
        framing->keep_alive |= sv_eq_nocase(option, SV("keep-alive"));
    }
    return true;
}

static bool take_expect(struct framing *framing, struct http_head *out, struct sv value,
                        struct http_fault *fault)
{
    (void)out;
    (void)fault;
    framing->expects = true;
    framing->expects_other |= !sv_eq_nocase(value, SV("100-continue"));
    return true;
}

static const struct {
    struct sv name;
    bool (*take)(struct framing *framing, struct http_head *out, struct sv value,
                 struct http_fault *fault);
} framing_fields[] = {
    {{"Host", 4}, take_host},
    {{"Connection", 10}, take_connection},
    {{"Content-Length", 14}, take_content_length},
    {{"Transfer-Encoding", 17}, take_transfer_encoding},
    {{"Expect", 6}, take_expect},
};

static size_t count_lines(struct sv text)
{
    size_t lines = 0;

    while (text.n) {
        text = sv_skip(text, sv_find(text, '\n') + 1);
        lines++;
    }
    return lines;
}

/* `lines`: all field lines and the empty one behind them. */
static bool parse_fields(struct arena *arena, struct sv lines, struct framing *framing,
                         struct http_head *out, struct http_fault *fault)
{
    struct http_field *fields = ARENA_ARRAY(arena, struct http_field, count_lines(lines));
    struct sv line;

    out->fields = fields;
    while ((line = take_line(&lines)).n) {
        size_t colon = sv_find(line, ':');
        struct http_field *field = &fields[out->field_count++];

        field->name = sv_head(line, colon);
        field->value = sv_trim(sv_skip(line, colon + 1));
        for (size_t i = 0; i < COUNT_OF(framing_fields); i++) {
            if (field->name.n == framing_fields[i].name.n &&
                sv_eq_nocase(field->name, framing_fields[i].name) &&
                !framing_fields[i].take(framing, out, field->value, fault))
                return false;
        }
    }
    return true;
}

static bool is_ipv6(struct sv text)
{
    char address[INET6_ADDRSTRLEN];
    struct in6_addr parsed;

    if (text.n >= sizeof address || sv_find(text, '\0') < text.n)
        return false;
    memcpy(address, text.p, text.n);
    address[text.n] = '\0';
    return inet_pton(AF_INET6, address, &parsed) == 1;
}

static bool is_registered_name(struct sv name)
{
    if (name.n == 0 || http_span(name, HTTP_BYTE_HOST) < name.n)
        return false;
    for (size_t i = sv_find(name, '%'); i < name.n; i += 1 + sv_find(sv_skip(name, i + 1), '%')) {
        if (name.n - i < 3 || char_hex_value(name.p[i + 1]) < 0 ||
            char_hex_value(name.p[i + 2]) < 0)
            return false;
    }
    return true;
}

/* uri-host [ ":" port ] (RFC 9110 §7.2, RFC 3986 §3.2.2 without IPvFuture, which nobody has). */
static bool is_host(struct sv text)
{
    bool literal = sv_starts_with(text, SV("["));
    size_t host_end = literal ? sv_find(text, ']') : sv_find(text, ':');
    struct sv port;
    uint64_t number;

    if (literal ? host_end == text.n || !is_ipv6(sv_skip(sv_head(text, host_end), 1))
                : !is_registered_name(sv_head(text, host_end)))
        return false;
    port = sv_skip(text, host_end + (literal ? 1 : 0));
    return port.n == 0 || (port.p[0] == ':' &&
                           (port.n == 1 || sv_to_u64(sv_skip(port, 1), HOST_PORT_MAX, &number)));
}

static bool judge_host(const struct framing *framing, const struct http_head *out,
                       struct http_fault *fault)
{
    if (framing->host_count > 1)
        return bad(fault, "There is more than one Host field.");
    if (framing->host_count == 0)
        return out->minor_version == 0 || bad(fault, "The Host field is missing.");
    if (out->host.n == 0)
        return bad(fault, "The Host field is empty.");
    return is_host(out->host) || bad(fault, "The Host field is not a host with an optional port.");
}

static bool judge_length(const struct framing *framing, struct http_head *out,
                         struct http_fault *fault)
{
    if (framing->length_count > 1)
        return bad(fault, "There is more than one Content-Length field.");
    if (!sv_to_u64(framing->length, INT64_MAX, &out->content_length))
        return bad(fault, "The Content-Length field is not one whole number of at most 63 bits.");
    out->framing = HTTP_BODY_LENGTH;
    return true;
}

/* Codings but "chunked" are unknown to us, yet with "chunked" last the list is well-formed (501).
 * Without it the body's end is unknown to everybody (RFC 9112 §6.3). */
static bool judge_coding(const struct framing *framing, struct http_head *out,
                         struct http_fault *fault)
{
    struct sv rest = framing->coding;
    struct sv coding = SV_NONE;
    size_t count = 0;
    size_t chunked_count = 0;
    bool last_is_chunked = false;

    if (out->minor_version == 0)
        return bad(fault, "HTTP/1.0 has no Transfer-Encoding field.");
    if (framing->coding_count > 1)
        return bad(fault, "There is more than one Transfer-Encoding field.");
    while (sv_split(&rest, ',', &coding)) {
        coding = sv_trim(coding);
        if (!http_is_token(coding))
            return bad(fault, "The Transfer-Encoding field is not a list of codings.");
        last_is_chunked = sv_eq_nocase(coding, SV("chunked"));
        chunked_count += last_is_chunked;
        count++;
    }
    if (chunked_count > 1)
        return bad(fault, "The chunked coding is applied more than once.");
    if (!last_is_chunked)
        return bad(fault, "The last transfer coding of a request has to be chunked.");
    if (count > 1) {
        *fault = (struct http_fault){ERR_UNKNOWN_CODING,
                                     "The only transfer coding this server knows is chunked."};
        return false;
    }
    out->framing = HTTP_BODY_CHUNKED;
    return true;
}

static bool judge_body(const struct framing *framing, struct http_head *out,
                       struct http_fault *fault)
{
    if (framing->length_count && framing->coding_count)
        return bad(fault, "There are both a Content-Length and a Transfer-Encoding field.");
    if (framing->length_count)
        return judge_length(framing, out, fault);
    return framing->coding_count == 0 || judge_coding(framing, out, fault);
}

/* Last, so that an expectation cannot hide a fault in the framing. */
static bool judge_expectation(const struct framing *framing, struct http_head *out,
                              struct http_fault *fault)
{
    if (out->minor_version == 0 || !framing->expects)
        return true;
    if (framing->expects_other) {
        *fault = (struct http_fault){ERR_EXPECTATION_FAILED,
                                     "The Expect field asks for something but 100-continue."};
        return false;
    }
    out->expects_continue = true;
    return true;
}

bool http_head_parse(struct arena *arena, struct sv head, struct http_head *out,
                     struct http_fault *fault)
{
    struct framing framing = {.close = false};
    struct sv rest = head;

    *out = (struct http_head){.framing = HTTP_BODY_NONE};
    if (sv_starts_with(rest, SV("\r\n")))
        rest = sv_skip(rest, 2);
    parse_request_line(take_line(&rest), out);
    if (!parse_fields(arena, rest, &framing, out, fault) || !judge_host(&framing, out, fault) ||
        !judge_body(&framing, out, fault) || !judge_expectation(&framing, out, fault))
        return false;
    out->keep_alive = !framing.close && (out->minor_version > 0 || framing.keep_alive);
    return true;
}

const struct sv *http_head_field(const struct http_head *head, struct sv name)
{
    for (size_t i = 0; i < head->field_count; i++) {
        if (sv_eq_nocase(head->fields[i].name, name))
            return &head->fields[i].value;
    }
    return NULL;
}

size_t http_head_field_count(const struct http_head *head, struct sv name)
{
    size_t count = 0;

    for (size_t i = 0; i < head->field_count; i++)
        count += sv_eq_nocase(head->fields[i].name, name);
    return count;
}

bool http_is_token(struct sv text)
{
    return text.n && http_span(text, HTTP_BYTE_TOKEN) == text.n;
}

bool http_is_field_value(struct sv text)
{
    return http_span(text, HTTP_BYTE_VALUE) == text.n;
}
