/* Connecting, reading, acking. */
#include "bus/group.h"

#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "base/str.h"
#include "bus/command.h"
#include "bus/writer.h"

#define GROUP_MAGIC      0xb0560075u
#define CONNECT_S        5
#define ANSWER_S         5 /* more than twice BUS_WAIT_MOST */
#define BACKOFF_FIRST_MS 100
#define BACKOFF_MOST_MS  2000
#define NUMBER_BYTES     24

/* ---- Commands -------------------------------------------------------------------------------- */

static void forget_reply(struct bus_group *group)
{
    freeReplyObject(group->reply);
    group->reply = NULL;
}

/* One line when it goes down, and none for the attempts after it. */
static void end_connection(struct bus_group *group, const char *why)
{
    struct sv line = sv_head(sv_of(why), strcspn(why, "\r\n"));

    if (group->failures++ == 0)
        log_warn("Redis gives no events", F_SV("why", line));
    else
        log_debug("Redis still gives no events", F_SV("why", line));
    forget_reply(group);
    if (group->redis)
        redisFree(group->redis);
    group->redis = NULL;
    group->next_at_ms =
        clock_mono_ms() + backoff_ms(group->failures, BACKOFF_FIRST_MS, BACKOFF_MOST_MS);
}

bool answer_is_no_group(const redisReply *answer)
{
    static const char *const errors[] = {"NOGROUP", "UNBLOCKED", "ERR no such key"};

    if (answer->type != REDIS_REPLY_ERROR)
        return false;
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        if (sv_starts_with(answer_text(answer), sv_of(errors[i])))
            return true;
    }
    return false;
}

static bool is_failure(const redisReply *answer)
{
    return answer->type == REDIS_REPLY_ERROR && !answer_is_no_group(answer) &&
           !sv_starts_with(answer_text(answer), SV("BUSYGROUP"));
}

const redisReply *command_array(struct bus_group *group, const struct sv *words, size_t count)
{
    const char *argv[COMMAND_WORDS_MOST];
    size_t lengths[COMMAND_WORDS_MOST];
    redisReply *reply;

    ENSURE(group->redis && count <= COMMAND_WORDS_MOST);
    for (size_t i = 0; i < count; i++) {
        argv[i] = words[i].n ? words[i].p : "";
        lengths[i] = words[i].n;
    }
    reply = redisCommandArgv(group->redis, (int)count, argv, lengths);
    forget_reply(group); /* not before: the words may point into it */
    group->reply = reply;
    if (!group->reply)
        end_connection(group, group->redis->errstr);
    else if (is_failure(group->reply))
        end_connection(group, group->reply->str);
    return group->reply;
}

struct sv answer_text(const redisReply *answer)
{
    bool has_text =
        answer && (answer->type == REDIS_REPLY_STRING || answer->type == REDIS_REPLY_STATUS ||
                   answer->type == REDIS_REPLY_ERROR);

    return has_text ? (struct sv){answer->str, answer->len} : SV_NONE;
}

const redisReply *answer_item(const redisReply *answer, size_t number)
{
    bool has_it = answer && answer->type == REDIS_REPLY_ARRAY && number < answer->elements;

    return has_it ? answer->element[number] : NULL;
}

const redisReply *answer_member(const redisReply *answer, const char *name)
{
    const redisReply *key;

    for (size_t i = 0; (key = answer_item(answer, i)); i += 2) {
        if (sv_eq(answer_text(key), sv_of(name)))
            return answer_item(answer, i + 1);
    }
    return NULL;
}

bool command_make_group(struct bus_group *group)
{
    return COMMAND(group, SV("XGROUP"), SV("CREATE"), SV(BUS_STREAM), sv_of(group->name), SV("0"),
                   SV("MKSTREAM")) != NULL;
}

/* ---- Connecting ------------------------------------------------------------------------------ */

static bool greet(struct bus_group *group)
{
    struct sv password = sv_of(group->url.password);

    if (group->url.user && !COMMAND(group, SV("AUTH"), sv_of(group->url.user), password))
        return false;
    if (!group->url.user && password.n && !COMMAND(group, SV("AUTH"), password))
        return false;
    return COMMAND(group, SV("PING")) && command_make_group(group);
}

/* redisConnect() gives a context even when it failed. */
static bool open_connection(struct bus_group *group)
{
    const struct timeval connect = {.tv_sec = CONNECT_S};
    const struct timeval answer = {.tv_sec = ANSWER_S};
    const struct bus_url *url = &group->url;

    group->redis = url->host ? redisConnectWithTimeout(url->host, url->port, connect)
                             : redisConnectUnixWithTimeout(url->path, connect);
    if (!group->redis)
        die("hiredis is out of memory");
    if (group->redis->err || redisSetTimeout(group->redis, answer) != REDIS_OK) {
        end_connection(group, group->redis->errstr);
        return false;
    }
    return true;
}

bool bus_group_connect(struct bus_group *group, bool *out_is_new)
{
    if (!group->redis) {
        if (clock_mono_ms() < group->next_at_ms || !open_connection(group) || !greet(group))
            return false;
        if (group->failures)
            log_info("Redis gives events again");
        group->failures = 0;
        group->is_new = true;
    }
    *out_is_new = group->is_new;
    group->is_new = false;
    return true;
}

bool bus_group_is_up(const struct bus_group *group)
{
    return group->redis != NULL;
}

struct bus_group *bus_group_new(const char *url, const char *name, const char *consumer)
{
    struct bus_group *group = x_calloc(1, sizeof *group);

    group->magic = GROUP_MAGIC;
    group->arena = arena_new(KB(16));
    ENSURE(bus_url_parse(group->arena, sv_of(url), &group->url));
    group->name = arena_cstr(group->arena, sv_of(name));
    group->consumer = arena_cstr(group->arena, sv_of(consumer));
    return group;
}

void bus_group_free(struct bus_group *group)
{
    if (!group)
        return;
    OBJ_CAST(bus_group, GROUP_MAGIC, group);
    forget_reply(group);
    if (group->redis)
        redisFree(group->redis);
    arena_free(group->arena);
    group->magic = 0;
    x_free(group);
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* [id, [name, value, …]], or [id, nil] for one that was trimmed. */
static struct bus_entry entry_of(const redisReply *pair)
{
    const redisReply *fields = answer_item(pair, 1);

    return (struct bus_entry){
        .entry = answer_text(answer_item(pair, 0)),
        .id = answer_text(answer_member(fields, "id")),
        .type = answer_text(answer_member(fields, "type")),
        .is_trimmed = !fields || fields->type != REDIS_REPLY_ARRAY,
    };
}

/* [[stream, [entry, …]]], or nil when nothing came. Without its group Redis has lost all. */
static bool take_entries(struct bus_group *group, const redisReply *answer, struct bus_entries *out)
{
    const redisReply *list;
    const redisReply *pair;
    size_t n = 0;

    *out = (struct bus_entries){group->entries, 0};
    if (!answer)
        return false;
    if (answer_is_no_group(answer)) {
        group->is_new = true;
        return command_make_group(group);
    }
    list = answer_item(answer_item(answer, 0), 1);
    while (n < BUS_READ_MOST && (pair = answer_item(list, n)))
        group->entries[n++] = entry_of(pair);
    out->n = n;
    return true;
}

static struct sv number_text(char buffer[NUMBER_BYTES], int64_t number)
{
    struct str text;

    str_init_in(&text, buffer, NUMBER_BYTES);
    str_add_i64(&text, number);
    return str_view(&text);
}

/* XREADGROUP GROUP name consumer COUNT n [BLOCK ms] [NOACK] STREAMS stream from. A wait of 0 would
 * be for ever. */
static bool read_entries(struct bus_group *group, int64_t wait_ms, bool is_acked, const char *from,
                         struct bus_entries *out)
{
    char most[NUMBER_BYTES];
    char wait[NUMBER_BYTES];
    struct sv words[COMMAND_WORDS_MOST] = {SV("XREADGROUP"),   SV("GROUP"),
                                           sv_of(group->name), sv_of(group->consumer),
                                           SV("COUNT"),        number_text(most, BUS_READ_MOST)};
    size_t count = 6;

    ENSURE(wait_ms >= 0 && wait_ms <= BUS_WAIT_MOST);
    if (wait_ms) {
        words[count++] = SV("BLOCK");
        words[count++] = number_text(wait, wait_ms);
    }
    if (!is_acked)
        words[count++] = SV("NOACK");
    words[count++] = SV("STREAMS");
    words[count++] = SV(BUS_STREAM);
    words[count++] = sv_of(from);
    return take_entries(group, command_array(group, words, count), out);
}

bool bus_group_read(struct bus_group *group, int64_t wait_ms, struct bus_entries *out)
{
    return read_entries(group, wait_ms, true, ">", out);
}

bool bus_group_listen(struct bus_group *group, int64_t wait_ms, struct bus_entries *out)
{
    return read_entries(group, wait_ms, false, ">", out);
}

bool bus_group_read_own(struct bus_group *group, struct bus_entries *out)
{
    return read_entries(group, 0, true, "0", out);
}

bool bus_group_ack(struct bus_group *group, const struct bus_entries *entries)
{
    struct sv words[COMMAND_WORDS_MOST] = {SV("XACK"), SV(BUS_STREAM), sv_of(group->name)};
    size_t count = 3;
    bool is_acked;

    if (entries->n == 0)
        return true;
    for (size_t i = 0; i < entries->n; i++)
        words[count++] = entries->p[i].entry;
    fail_point(FAIL_xack_before);
    is_acked = command_array(group, words, count) != NULL;
    fail_point(FAIL_xack_after);
    return is_acked;
}
