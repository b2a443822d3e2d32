/* What a group needs besides being read: adopting what dead consumers left, and trimming. */
#include <string.h>

#include "base/str.h"
#include "bus/command.h"
#include "bus/writer.h"

#define ENTRY_ID_BYTES 48
#define NUMBER_BYTES   24
#define IDLE_MOST_MS   INT64_C(604800000) /* a week */

struct entry_id {
    char text[ENTRY_ID_BYTES];
};

static bool keep_id(struct entry_id *out, struct sv text)
{
    struct str copy;

    str_init_in(&copy, out->text, sizeof out->text);
    str_add(&copy, text);
    return text.n && !str_failed(&copy);
}

/* The part before the "-", by which ids stand in order but for those of one millisecond. */
static int64_t id_ms(const struct entry_id *id)
{
    struct sv text = sv_of(id->text);
    int64_t ms = 0;

    return sv_to_i64(sv_head(text, sv_find(text, '-')), 0, INT64_MAX, &ms) ? ms : 0;
}

static size_t length_of(const redisReply *list)
{
    return list && list->type == REDIS_REPLY_ARRAY ? list->elements : 0;
}

/* A round looks at a part of what is pending: the cursor "0-0" says that it was the last one. */
bool bus_group_adopt(struct bus_group *group, int64_t min_idle_ms, size_t *out_adopted,
                     size_t *out_trimmed)
{
    struct entry_id cursor = {"0-0"};
    const redisReply *answer;
    char idle[NUMBER_BYTES];
    struct str text;

    str_init_in(&text, idle, sizeof idle);
    str_add_i64(&text, min_idle_ms);
    *out_adopted = *out_trimmed = 0;
    do {
        answer = COMMAND(group, SV("XAUTOCLAIM"), SV(BUS_STREAM), sv_of(group->name),
                         sv_of(group->consumer), str_view(&text), sv_of(cursor.text), SV("JUSTID"));
        if (!answer)
            return false;
        *out_adopted += length_of(answer_item(answer, 1));
        *out_trimmed += length_of(answer_item(answer, 2));
    } while (keep_id(&cursor, answer_text(answer_item(answer, 0))) &&
             strcmp(cursor.text, "0-0") != 0);
    return true;
}

static int64_t number_of(const redisReply *answer, int64_t otherwise)
{
    return answer && answer->type == REDIS_REPLY_INTEGER ? answer->integer : otherwise;
}

bool bus_group_measure(struct bus_group *group, struct bus_group_state *out)
{
    const redisReply *answer = COMMAND(group, SV("XINFO"), SV("GROUPS"), SV(BUS_STREAM));
    const redisReply *one;

    *out = (struct bus_group_state){0};
    if (!answer)
        return false;
    for (size_t i = 0; (one = answer_item(answer, i)); i++) {
        if (sv_eq(answer_text(answer_member(one, "name")), sv_of(group->name)))
            *out = (struct bus_group_state){
                .lag = number_of(answer_member(one, "lag"), -1),
                .pending = number_of(answer_member(one, "pending"), 0),
            };
    }
    return true;
}

/* ---- Trimming -------------------------------------------------------------------------------- */

/* The shortest time that none of its consumers read; 0 for a group that has none yet. */
static bool group_idle_ms(struct bus_group *group, const char *name, int64_t *out)
{
    const redisReply *answer =
        COMMAND(group, SV("XINFO"), SV("CONSUMERS"), SV(BUS_STREAM), sv_of(name));
    const redisReply *one;

    *out = answer_item(answer, 0) ? INT64_MAX : 0;
    for (size_t i = 0; (one = answer_item(answer, i)); i++) {
        int64_t idle_ms = number_of(answer_member(one, "idle"), 0);

        *out = idle_ms < *out ? idle_ms : *out;
    }
    return answer != NULL;
}

/* Replaces *first by the oldest entry that the group still needs, when that is older. */
static bool lower_to_pending(struct bus_group *group, const char *name, struct entry_id *first)
{
    const redisReply *answer = COMMAND(group, SV("XPENDING"), SV(BUS_STREAM), sv_of(name));
    struct entry_id oldest;

    if (keep_id(&oldest, answer_text(answer_item(answer, 1))) && id_ms(&oldest) < id_ms(first))
        *first = oldest;
    return answer != NULL;
}

#define GROUPS_MOST 32 /* more: nothing is trimmed but by the stream's own limit */

struct group_place {
    struct entry_id name;
    struct entry_id last;
};

/* How many groups there are; -1: Redis is away. */
static int list_groups(struct bus_group *group, struct group_place places[GROUPS_MOST])
{
    const redisReply *answer = COMMAND(group, SV("XINFO"), SV("GROUPS"), SV(BUS_STREAM));
    const redisReply *one;
    int n = 0;

    if (!answer)
        return -1;
    for (; (one = answer_item(answer, (size_t)n)); n++) {
        if (n == GROUPS_MOST ||
            !keep_id(&places[n].name, answer_text(answer_member(one, "name"))) ||
            !keep_id(&places[n].last, answer_text(answer_member(one, "last-delivered-id"))))
            return 0;
    }
    return n;
}

bool bus_group_trim(struct bus_group *group)
{
    struct group_place places[GROUPS_MOST];
    struct entry_id first = {""};
    int n = list_groups(group, places);
    int64_t idle_ms;

    for (int i = 0; i < n; i++) {
        struct group_place *one = &places[i];

        if (!group_idle_ms(group, one->name.text, &idle_ms) ||
            !lower_to_pending(group, one->name.text, &one->last))
            return false;
        if (idle_ms < IDLE_MOST_MS && (!first.text[0] || id_ms(&one->last) < id_ms(&first)))
            first = one->last;
    }
    if (n > 0 && first.text[0])
        return COMMAND(group, SV("XTRIM"), SV(BUS_STREAM), SV("MINID"), SV("~"),
                       sv_of(first.text)) != NULL;
    return n >= 0;
}
