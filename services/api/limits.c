/* Rate limits. */
#include "limits.h"

#include <string.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "routes.h"

static const struct {
    const char *name;
    size_t quota; /* the place of its int64_t in struct api_config */
} rows[LIMIT_COUNT] = {
    [LIMIT_READS] = {"reads", offsetof(struct api_config, rate_reads)},
    [LIMIT_WRITES] = {"writes", offsetof(struct api_config, rate_writes)},
    [LIMIT_SIGN_INS] = {"sign_ins", offsetof(struct api_config, rate_sign_ins)},
    [LIMIT_ANONYMOUS] = {"anonymous", offsetof(struct api_config, rate_anonymous)},
};

static const struct metric_spec limited_spec = {
    .name = "kith_rate_limited_total",
    .type = METRIC_COUNTER,
    .help = "Requests refused because a quota was used up.",
    .labels = {"policy"},
};

static struct metric limited[LIMIT_COUNT];

static void add_quoted_name(struct str *out, const struct rate_policy *policy)
{
    str_add_char(out, '"');
    str_add(out, sv_of(policy->name));
    str_add_char(out, '"');
}

static void start_row(struct limits *limits, unsigned number, const struct api_config *config)
{
    struct rate_policy *policy = &limits->rows[number].policy;
    struct str field;

    policy->name = rows[number].name;
    policy->number = number;
    memcpy(&policy->quota, (const char *)config + rows[number].quota, sizeof policy->quota);
    policy->window_s = config->rate_window_s;
    str_init_in(&field, limits->rows[number].field, sizeof limits->rows[number].field);
    add_quoted_name(&field, policy);
    STR_ADD(&field, ";q=");
    str_add_i64(&field, policy->quota);
    STR_ADD(&field, ";w=");
    str_add_i64(&field, policy->window_s);
    ENSURE(!str_failed(&field));
    limited[number] = metric_register(&limited_spec, METRIC_LABELS(policy->name));
}

void limits_start(struct limits *limits, const struct api_config *config)
{
    limits->rates = rates_new();
    for (unsigned number = 0; number < LIMIT_COUNT; number++)
        start_row(limits, number, config);
}

void limits_stop(struct limits *limits)
{
    rates_free(limits->rates);
    limits->rates = NULL;
}

static bool is_read(enum http_method method)
{
    return method == HTTP_GET || method == HTTP_HEAD || method == HTTP_OPTIONS;
}

static enum limit limit_of(const struct req *r, bool has_token)
{
    if (r->route && r->route->flags & ROUTE_SIGNS_IN)
        return LIMIT_SIGN_INS;
    if (!has_token)
        return LIMIT_ANONYMOUS;
    return is_read(r->head.method) ? LIMIT_READS : LIMIT_WRITES;
}

static struct peer_address network_of_client(const struct req *r)
{
    struct peer_address address;

    ENSURE(peer_parse(r->address, &address));
    return peer_network(&address);
}

static struct sv network_view(const struct peer_address *network)
{
    return (struct sv){(const char *)network->b, sizeof network->b};
}

static void add_fields(struct req *r, const struct limits *limits, const struct rate_policy *policy,
                       const struct rate_answer *answer)
{
    char buffer[64];
    struct str field;

    str_init_in(&field, buffer, sizeof buffer);
    add_quoted_name(&field, policy);
    STR_ADD(&field, ";r=");
    str_add_i64(&field, answer->remaining);
    STR_ADD(&field, ";t=");
    str_add_i64(&field, answer->reset_s);
    ENSURE(!str_failed(&field));
    reply_field(r, "RateLimit-Policy", sv_of(limits->rows[policy->number].field));
    reply_field(r, "RateLimit", str_view(&field));
}

static struct plan *refuse(struct req *r, const struct rate_policy *policy, int64_t reset_s)
{
    reply_field(r, "Retry-After", arena_printf(r->arena, "%lld", (long long)reset_s));
    metric_add(limited[policy->number], 1);
    return fail_why(r, ERR_TOO_MANY_REQUESTS,
                    "The quota \"%s\" is %lld requests in %lld s, and it is used up.", policy->name,
                    (long long)policy->quota, (long long)policy->window_s);
}

/* A token that was not verified yet leans on its address. */
static void lean_on_address(struct limits *limits, struct admission *admission,
                            struct rate_answer *answer, int64_t now_us)
{
    const struct rate_policy *anonymous = &limits->rows[LIMIT_ANONYMOUS].policy;
    struct rate_answer of_address =
        rates_look(limits->rates, anonymous, network_view(&admission->network), now_us);

    admission->is_on_trust = of_address.is_allowed;
    if (of_address.is_allowed)
        return;
    rates_drop(limits->rates, admission->policy, admission->who);
    admission->policy = anonymous;
    *answer = of_address;
}

struct plan *limits_admit(struct req *r, struct limits *limits, struct sv token_hash,
                          struct admission *out)
{
    enum limit limit = limit_of(r, token_hash.n > 0);
    bool is_by_token = limit == LIMIT_READS || limit == LIMIT_WRITES;
    struct rate_answer answer;

    if (r->route && r->route->flags & ROUTE_UNCOUNTED)
        return NULL;
    out->policy = &limits->rows[limit].policy;
    out->network = network_of_client(r);
    out->who = is_by_token ? token_hash : network_view(&out->network);
    answer = rates_take(limits->rates, out->policy, out->who, r->started_us);
    if (is_by_token && !answer.is_kept)
        lean_on_address(limits, out, &answer, r->started_us);
    add_fields(r, limits, out->policy, &answer);
    return answer.is_allowed ? NULL : refuse(r, out->policy, answer.reset_s);
}

void limits_charge(struct limits *limits, const struct admission *admission, int64_t n,
                   int64_t now_us)
{
    if (n)
        rates_add(limits->rates, admission->policy, admission->who, n, now_us);
}

void limits_verified(struct limits *limits, struct admission *admission)
{
    if (!admission->is_on_trust)
        return;
    admission->is_on_trust = false;
    rates_keep(limits->rates, admission->policy, admission->who);
}

void limits_ended(struct limits *limits, const struct admission *admission, int status,
                  int64_t now_us)
{
    if (!admission->is_on_trust)
        return;
    rates_drop(limits->rates, admission->policy, admission->who);
    if (status < 500)
        rates_add(limits->rates, &limits->rows[LIMIT_ANONYMOUS].policy,
                  network_view(&admission->network), 1, now_us);
}
