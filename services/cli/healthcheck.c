/* kith healthcheck URL: for orchestrators whose images have no other client. It reads no
 * configuration, for it runs in the environment of the program it asks. */
#include <curl/curl.h>
#include <stdio.h>

#include "base/str.h"
#include "command.h"

#define ANSWER_WITHIN_MS   3000L
#define ANSWER_LIMIT_BYTES KB(4)

/* What does not fit is not shown. */
static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct str *body = arg;

    str_add(body, sv_head((struct sv){bytes, size * count}, body->limit - body->n));
    return size * count;
}

/* Straight to the address: no proxy of the environment, no redirect, nothing but HTTP. */
static CURLcode ask(CURL *curl, const char *url, struct str *body)
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, ANSWER_WITHIN_MS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    return curl_easy_perform(curl);
}

int command_healthcheck(int argc, char **argv)
{
    struct str body;
    long status = 0;
    CURLcode asked;
    CURL *curl;

    if (argc != 2) {
        fprintf(stderr, "usage: kith healthcheck URL\n");
        return EXIT_STATUS_CONFIGURATION;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(curl = curl_easy_init()))
        die("libcurl does not start");
    str_init(&body, ANSWER_LIMIT_BYTES);
    asked = ask(curl, argv[1], &body);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (asked != CURLE_OK)
        fprintf(stderr, "kith healthcheck: %s\n", curl_easy_strerror(asked));
    else
        printf("%ld %s\n", status, str_cstr(&body));
    str_fini(&body);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    return asked == CURLE_OK && status / 100 == 2 ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
}
