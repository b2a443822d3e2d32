/* kith admin: the first district and its first users, whom nobody can make through the API yet; and
 * a new password for who has lost it.
 *
 *     kith admin district SLUG NAME ZONE
 *     kith admin user SLUG EMAIL NAME ROLE [--password-stdin]
 *
 * Without --password-stdin a password is made and printed once. Each runs in one transaction, is
 * recorded in the audit log, and may be repeated. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/encode.h"
#include "base/secret.h"
#include "base/uuid.h"
#include "command.h"
#include "db/blocking.h"
#include "gen/stmt.h"
#include "migrate_config.h"
#include "json/bind.h"

#define MADE_PASSWORD_BYTES 15
#define PASSWORD_SHORTEST   8

struct admin {
    struct migrate_config config;
    struct arena *arena;
    struct db_link *link;
};

static const char *const roles[] = {"admin",        "director",      "executive",
                                    "coordinator",  "school_leader", "reviewer",
                                    "data_steward", "viewer",        NULL};
static const struct json_field slug_field = JSON_FIELD("SLUG", FIELD_TEXT, 0, .min = 1, .max = 63);
static const struct json_field name_field = JSON_FIELD("NAME", FIELD_TEXT, 0, .min = 1, .max = 200);
static const struct json_field zone_field = JSON_FIELD("ZONE", FIELD_ZONE);
static const struct json_field email_field = JSON_FIELD("EMAIL", FIELD_EMAIL);
static const struct json_field role_field = JSON_FIELD("ROLE", FIELD_ENUM, 0, .values = roles);

/* The argument in canonical form, or NULL and a line that says what is wrong. */
static const char *argument(struct admin *admin, const struct json_field *field, const char *text)
{
    struct json_value value;
    struct json_fault fault;

    if (json_bind_text(admin->arena, field, sv_of(text), &value, &fault))
        return value.text.p;
    fprintf(stderr, "kith admin: %s %.*s\n", field->name, SV_ARG(fault.detail));
    return NULL;
}

static int failed(const struct admin *admin)
{
    const struct db_error *error = db_link_error(admin->link);

    fprintf(stderr, "kith admin: the database refused it (%s): %s\n", error->sqlstate,
            error->message ? error->message : "the connection was lost");
    return EXIT_STATUS_FAILED;
}

static const struct db_result *run(struct admin *admin, const struct db_statement *statement,
                                   const char *const *params)
{
    return db_link_run(admin->link, statement, params);
}

static bool set_context(struct admin *admin, const char *district)
{
    char now[INSTANT_TEXT_BYTES];

    instant_format_ms(now, clock_now_ms());
    return run(admin, STMT(admin_context), (const char *const[]){district, now});
}

static int make_district(struct admin *admin, char **argv)
{
    struct uuid id = uuid7_new();
    const char *slug = argument(admin, &slug_field, argv[0]);
    const char *name = argument(admin, &name_field, argv[1]);
    const char *zone = argument(admin, &zone_field, argv[2]);

    if (!slug || !name || !zone)
        return EXIT_STATUS_FAILED;
    if (!db_link_script(admin->link, "BEGIN") || !set_context(admin, id.text) ||
        !run(admin, STMT(admin_district_create),
             (const char *const[]){id.text, slug, name, zone}) ||
        !run(admin, STMT(admin_focus_areas_seed), (const char *const[]){id.text}) ||
        !run(admin, STMT(admin_indicators_seed), (const char *const[]){id.text}) ||
        !run(admin, STMT(admin_instruments_seed), (const char *const[]){id.text}) ||
        !run(admin, STMT(admin_readiness_seed), (const char *const[]){id.text}) ||
        !db_link_script(admin->link, "COMMIT"))
        return failed(admin);
    printf("district %s is there: %s\n", slug, id.text);
    return EXIT_STATUS_OK;
}

/* A line of standard input, or random characters that are shown. */
static struct sv password(struct admin *admin, bool from_stdin)
{
    char line[PASSWORD_LONGEST + 2];
    unsigned char bytes[MADE_PASSWORD_BYTES];

    if (from_stdin) {
        if (!fgets(line, sizeof line, stdin))
            return SV_NONE;
        line[strcspn(line, "\n")] = '\0';
        return arena_copy(admin->arena, sv_of(line));
    }
    secret_random(bytes, sizeof bytes);
    return base64url_encode(admin->arena, (struct sv){(const char *)bytes, sizeof bytes});
}

/* The district's id in the arena, or NULL. */
static const char *find_district(struct admin *admin, const char *slug)
{
    const struct db_result *found =
        run(admin, STMT(admin_district_find), (const char *const[]){slug});

    if (!found || db_result_rows(found) == 0)
        return NULL;
    return arena_cstr(admin->arena, db_result_text(found, 0, "id"));
}

static bool put_user(struct admin *admin, const char *district, const char *const *user)
{
    struct uuid id = uuid7_new();
    struct uuid grant = uuid7_new();
    const struct db_result *put;
    const char *user_id;

    if (!db_link_script(admin->link, "BEGIN") || !set_context(admin, district))
        return false;
    put = run(admin, STMT(admin_user_put),
              (const char *const[]){district, id.text, user[0], user[1], user[3]});
    if (!put)
        return false;
    user_id = arena_cstr(admin->arena, db_result_text(put, 0, "id"));
    return run(admin, STMT(admin_grant_create),
               (const char *const[]){district, grant.text, user_id, user[2]}) &&
           db_link_script(admin->link, "COMMIT");
}

static int make_user(struct admin *admin, char **argv, bool from_stdin)
{
    char hash[PASSWORD_HASH_BYTES];
    const char *slug = argument(admin, &slug_field, argv[0]);
    const char *user[] = {argument(admin, &email_field, argv[1]),
                          argument(admin, &name_field, argv[2]),
                          argument(admin, &role_field, argv[3]), hash};
    struct sv secret = password(admin, from_stdin);
    const char *district;

    if (!slug || !user[0] || !user[1] || !user[2])
        return EXIT_STATUS_FAILED;
    if (!sv_is_utf8(secret) || sv_utf8_length(secret) < PASSWORD_SHORTEST ||
        sv_utf8_length(secret) > PASSWORD_CHARACTERS) {
        fprintf(stderr, "kith admin: a password has %d to %d characters\n", PASSWORD_SHORTEST,
                PASSWORD_CHARACTERS);
        return EXIT_STATUS_FAILED;
    }
    district = find_district(admin, slug);
    if (!district) {
        fprintf(stderr, "kith admin: there is no district %s\n", slug);
        return EXIT_STATUS_FAILED;
    }
    secret_password_hash(hash, secret);
    if (!put_user(admin, district, user))
        return failed(admin);
    printf("%s may sign in at %s as %s\n", user[0], slug, user[2]);
    if (!from_stdin)
        printf("password: %.*s\n", SV_ARG(secret));
    return EXIT_STATUS_OK;
}

static int usage(void)
{
    fprintf(stderr, "usage: kith admin district SLUG NAME ZONE\n"
                    "       kith admin user SLUG EMAIL NAME ROLE [--password-stdin]\n");
    return EXIT_STATUS_CONFIGURATION;
}

int command_admin(int argc, char **argv)
{
    struct admin admin = {.arena = arena_new(KB(64))};
    bool from_stdin = argc == 7 && strcmp(argv[6], "--password-stdin") == 0;
    bool is_user = (argc == 6 || from_stdin) && strcmp(argv[1], "user") == 0;
    bool is_district = argc == 5 && strcmp(argv[1], "district") == 0;
    const char *why = "neither KITH_MIGRATE_URL nor KITH_DATABASE_URL is set";
    int status = EXIT_STATUS_CONFIGURATION;

    if (!is_user && !is_district)
        return usage();
    migrate_config_main(1, argv, &admin.config);
    if (migrate_config_url(&admin.config))
        admin.link = db_link_open(admin.arena, migrate_config_url(&admin.config), "kith admin",
                                  admin.config.connect_ms, &why);
    if (admin.link)
        status =
            is_user ? make_user(&admin, argv + 2, from_stdin) : make_district(&admin, argv + 2);
    else
        fprintf(stderr, "kith admin: %s\n", why);
    db_link_close(admin.link);
    arena_free(admin.arena);
    return status;
}
