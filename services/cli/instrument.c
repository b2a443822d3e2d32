/* kith instrument load: a draft of an instrument that the district has the right to use, of a file
 * as GET /v1/instruments/{id} gives one.
 *
 *     kith instrument load SLUG FILE
 *
 * FILE is JSON; "-" is standard input. It is the next edition of its code. What is wrong with it is
 * said line by line, each with its place as a JSON pointer, and nothing is kept. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "gen/stmt.h"
#include "operator.h"

#define DOCUMENT_BYTES MB(1)

struct load {
    const char *slug;
    const char *name; /* of the file */
    const char *document;
};

/* The database's word on a text that is no JSON: invalid, or with what no text may hold. */
static bool is_no_json(const struct db_error *error)
{
    return error->message &&
           (strcmp(error->sqlstate, "22P02") == 0 || strcmp(error->sqlstate, "22P05") == 0 ||
            strcmp(error->sqlstate, "22021") == 0);
}

static int told(const struct load *load, const struct db_result *rows)
{
    bool is_loaded = db_result_rows(rows) == 1 && db_result_text(rows, 0, "code").n;

    if (is_loaded) {
        struct sv code = db_result_text(rows, 0, "code");

        printf("%.*s is there as a draft, edition %.*s\n", SV_ARG(code),
               SV_ARG(db_result_text(rows, 0, "edition")));
        return EXIT_STATUS_OK;
    }
    for (size_t i = 0; i < db_result_rows(rows); i++) {
        struct sv pointer = db_result_text(rows, i, "pointer");

        fprintf(stderr, "%s: %.*s %.*s\n", load->name,
                SV_ARG(pointer.n ? pointer : SV("the document")),
                SV_ARG(db_result_text(rows, i, "detail")));
    }
    return EXIT_STATUS_FAILED;
}

static int run(struct operator* operator, void * arg)
{
    const struct load *load = arg;
    const struct db_result *rows =
        db_link_run(operator->link, STMT(admin_district_find), (const char *const[]){load->slug});
    const char *district;
    char now[INSTANT_TEXT_BYTES];
    int status;

    if (!rows)
        return operator_failed(operator);
    if (db_result_rows(rows) == 0) {
        fprintf(stderr, "kith instrument: there is no district %s\n", load->slug);
        return EXIT_STATUS_FAILED;
    }
    district = arena_cstr(operator->arena, db_result_text(rows, 0, "id"));
    instant_format_ms(now, clock_now_ms());
    if (!db_link_script(operator->link, "BEGIN") ||
        !db_link_run(operator->link, STMT(admin_context), (const char *const[]){district, now}))
        return operator_failed(operator);
    rows = db_link_run(operator->link, STMT(instrument_load),
                       (const char *const[]){district, load->document});
    if (!rows && is_no_json(db_link_error(operator->link))) {
        fprintf(stderr, "%s: it is no JSON: %s\n", load->name,
                db_link_error(operator->link)->message);
        return EXIT_STATUS_FAILED;
    }
    if (!rows)
        return operator_failed(operator);
    status = told(load, rows);
    return db_link_script(operator->link, "COMMIT") ? status : operator_failed(operator);
}

/* The file's text, or NULL and a line that says why not. */
static char *read_document(const char *name)
{
    bool is_stdin = strcmp(name, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(name, "re");
    char *text;
    size_t n;

    if (!file) {
        fprintf(stderr, "kith instrument: %s: %s\n", name, strerror(errno));
        return NULL;
    }
    text = x_calloc(1, DOCUMENT_BYTES + 2);
    n = fread(text, 1, DOCUMENT_BYTES + 1, file);
    if (!is_stdin)
        fclose(file);
    if (n <= DOCUMENT_BYTES && strlen(text) == n)
        return text;
    fprintf(stderr, "kith instrument: %s: %s\n", name,
            n > DOCUMENT_BYTES ? "it is larger than 1 MB" : "it is no text");
    x_free(text);
    return NULL;
}

int command_instrument(int argc, char **argv)
{
    struct load load;
    char *document;
    int status;

    if (argc != 4 || strcmp(argv[1], "load") != 0) {
        fprintf(stderr, "usage: kith instrument load SLUG FILE\n");
        return EXIT_STATUS_CONFIGURATION;
    }
    document = read_document(argv[3]);
    if (!document)
        return EXIT_STATUS_FAILED;
    load = (struct load){argv[2], argv[3], document};
    status = operator_run("kith instrument", argv, run, &load);
    x_free(document);
    return status;
}
