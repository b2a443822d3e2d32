/* Connects, signs in, asks for the version, and leaves. */
#include "bus/answers.h"

#include <hiredis/hiredis.h>
#include <string.h>
#include <sys/time.h>

#include "bus/url.h"

#define VERSION_LABEL "redis_version:"

static const char *first_line(struct arena *arena, const char *text)
{
    return arena_cstr(arena, (struct sv){text, strcspn(text, "\r\n")});
}

/* The answer's text, in the arena; NULL: an error, told in *why. */
static const char *ask(struct arena *arena, redisContext *redis, const char **words, int count,
                       const char **why)
{
    redisReply *reply = redisCommandArgv(redis, count, words, NULL);
    const char *answer = NULL;

    if (!reply)
        *why = first_line(arena, redis->errstr);
    else if (reply->type == REDIS_REPLY_ERROR)
        *why = first_line(arena, reply->str);
    else
        answer = arena_cstr(arena, (struct sv){reply->str, reply->str ? reply->len : 0});
    freeReplyObject(reply);
    return answer;
}

static bool sign_in(struct arena *arena, redisContext *redis, const struct bus_url *url,
                    const char **why)
{
    const char *words[] = {"AUTH", url->user ? url->user : url->password, url->password};

    return !url->password || ask(arena, redis, words, url->user ? 3 : 2, why) != NULL;
}

static const char *ask_version(struct arena *arena, redisContext *redis, const char **why)
{
    const char *words[] = {"INFO", "server"};
    const char *info = ask(arena, redis, words, 2, why);
    const char *found = info ? strstr(info, VERSION_LABEL) : NULL;

    return found ? first_line(arena, found + strlen(VERSION_LABEL)) : info;
}

const char *bus_server_version(struct arena *arena, const char *url, int64_t within_ms,
                               const char **why)
{
    struct timeval within = {.tv_sec = within_ms / 1000, .tv_usec = within_ms % 1000 * 1000};
    const char *version = NULL;
    struct bus_url place;
    redisContext *redis;

    *why = "this is no URL of a Redis server";
    if (!bus_url_parse(arena, sv_of(url), &place))
        return NULL;
    redis = place.host ? redisConnectWithTimeout(place.host, place.port, within)
                       : redisConnectUnixWithTimeout(place.path, within);
    if (!redis)
        die("hiredis has no memory");
    if (redis->err)
        *why = first_line(arena, redis->errstr);
    else if (redisSetTimeout(redis, within) == REDIS_OK && sign_in(arena, redis, &place, why))
        version = ask_version(arena, redis, why);
    redisFree(redis);
    return version;
}
