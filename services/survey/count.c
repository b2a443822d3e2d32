/* What waits of a closed survey is opened here, as this program has the key, and given back without
 * a word of when or by which link it came (sql/functions/88_survey_count.sql). */
#include "count.h"

#include "base/log.h"
#include "base/secret.h"
#include "base/str.h"
#include "gen/stmt.h"

#define AT_A_TIME   "200"
#define PIECE_BYTES MB(14)

/* The place behind which the next piece begins. */
struct place {
    struct sv name;
    struct sv part;
};

static bool add_one(struct str *out, struct arena *arena, const struct secret_key *key,
                    const struct db_result *taken, size_t row)
{
    struct sv sent;

    if (!secret_box_open(arena, key, db_result_text(taken, row, "kept"), &sent))
        return false;
    str_addf(out, "%s{\"name\":\"%.*s\",\"sent\":%.*s}", row ? "," : "",
             SV_ARG(db_result_text(taken, row, "name")), SV_ARG(sent));
    return true;
}

/* One piece in an arena of its own: how many, or -1. */
static int64_t count_piece(struct worker *worker, const char *survey, const struct secret_key *key,
                           struct place *place, struct arena *arena)
{
    const struct db_result *taken =
        db_link_run(worker->db, STMT(survey_count_take),
                    (const char *const[]){survey, arena_cstr(arena, place->name),
                                          arena_cstr(arena, place->part), AT_A_TIME});
    struct str *opened;
    size_t n;

    if (!taken)
        return -1;
    n = db_result_rows(taken);
    if (n == 0)
        return 0;
    opened = str_new_in(arena, PIECE_BYTES);
    str_add_char(opened, '[');
    for (size_t i = 0; i < n; i++) {
        if (!add_one(opened, arena, key, taken, i)) {
            log_error("an answer does not open: was KITH_SECRET_KEY changed?",
                      F_STR("survey", survey));
            return -1;
        }
    }
    str_add_char(opened, ']');
    place->name = arena_copy(worker->arena, db_result_text(taken, n - 1, "name"));
    place->part = arena_copy(worker->arena, db_result_text(taken, n - 1, "part"));
    ENSURE(!str_failed(opened)); /* 200 answers of 200 questions fit */
    return worker_exec(worker, STMT(survey_count_add),
                       (const char *const[]){survey, str_cstr(opened)})
               ? (int64_t)n
               : -1;
}

static bool open_all(struct worker *worker, const char *survey)
{
    struct secret_key master = secret_derive(sv_of(worker->config->service.secret_key), "survey");
    struct secret_key key =
        secret_derive((struct sv){(const char *)master.b, SECRET_BYTES}, survey);
    struct place place = {SV(""), SV("")};
    int64_t n;

    do {
        struct arena *arena = arena_new(MB(16));

        n = count_piece(worker, survey, &key, &place, arena);
        arena_free(arena);
    } while (n > 0);
    secret_wipe(&key, sizeof key);
    secret_wipe(&master, sizeof master);
    return n == 0;
}

bool count_closed(struct worker *worker)
{
    for (;;) {
        const struct db_result *begun =
            db_link_run(worker->db, STMT(survey_count_begin), (const char *const[]){NULL});
        struct sv survey;
        const char *id;
        bool is_enough;

        if (!begun)
            return false;
        survey = db_result_text(begun, 0, "survey_id");
        if (survey.n == 0)
            return true;
        id = arena_cstr(worker->arena, survey);
        is_enough =
            !db_result_is_null(begun, 0, "is_enough") && db_result_int(begun, 0, "is_enough");
        if (is_enough && !open_all(worker, id))
            return false;
        if (!worker_exec(worker, STMT(survey_count_end),
                         (const char *const[]){id, is_enough ? "true" : "false"}))
            return false;
    }
}
