/* Requests to a provider, by libcurl. */
#include "oidc/fetch.h"

#include <curl/curl.h>

#include "base/clock.h"

#define CONNECT_MS 3000L
#define STATUS_OK  200L

static bool is_plain(struct sv url)
{
    for (size_t i = 0; i < url.n; i++) {
        if (url.p[i] <= ' ' || url.p[i] > '~' || url.p[i] == '@' || url.p[i] == '#' ||
            url.p[i] == '\\' || url.p[i] == '"')
            return false;
    }
    return true;
}

static bool is_loopback(struct sv url)
{
    static const struct sv hosts[] = {
        {"http://127.0.0.1", 16}, {"http://localhost", 16}, {"http://[::1]", 12}};
    struct sv rest = SV_NONE;
    bool is_one = false;

    for (size_t i = 0; i < COUNT_OF(hosts) && !is_one; i++) {
        is_one = sv_starts_with(url, hosts[i]);
        rest = sv_skip(url, hosts[i].n);
    }
    if (rest.n && rest.p[0] == ':') {
        rest = sv_skip(rest, 1);
        while (rest.n && char_is_digit(rest.p[0]))
            rest = sv_skip(rest, 1);
    }
    return is_one && (rest.n == 0 || rest.p[0] == '/');
}

bool oidc_may_fetch(struct sv url, bool takes_loopback)
{
    return is_plain(url) &&
           (sv_starts_with(url, SV("https://")) || (takes_loopback && is_loopback(url)));
}

static size_t on_bytes(char *bytes, size_t size, size_t count, void *arg)
{
    struct str *out = arg;

    str_add(out, (struct sv){bytes, size * count});
    return str_failed(out) ? 0 : size * count;
}

/* Whether the address may be asked was judged before, by oidc_may_fetch. */
static void prepare(CURL *curl, const struct oidc_request *request, struct curl_slist *fields,
                    struct str *out, int64_t left_ms)
{
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)left_ms);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "kith");
    if (request->form)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->form);
    if (request->user) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERNAME, request->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, request->password);
    }
}

bool oidc_fetch(const struct oidc_request *request, struct str *out, const char **why)
{
    int64_t left_ms = request->deadline_ms - clock_mono_ms();
    struct curl_slist *fields = curl_slist_append(NULL, "Accept: application/json");
    CURL *curl = curl_easy_init();
    CURLcode done;
    long status = 0;

    *why = NULL;
    if (!curl || !fields)
        die("no memory for a request");
    if (left_ms > 0) {
        prepare(curl, request, fields, out, left_ms);
        done = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    } else {
        done = CURLE_OPERATION_TIMEDOUT;
    }
    if (str_failed(out))
        *why = "The reply is too large";
    else if (done != CURLE_OK)
        *why = curl_easy_strerror(done);
    else if (status != STATUS_OK)
        *why = request->form && status / 100 == 4 ? OIDC_CODE_REFUSED : "The reply is not 200";
    curl_easy_cleanup(curl);
    curl_slist_free_all(fields);
    return !*why;
}
