/* Inside of the importer: one import at a time, a step at a time. Each step is a unit that begins
 * with import_enter, and leaves things so that any process can go on from there. */
#ifndef KITH_API_IMPORTER_H
#define KITH_API_IMPORTER_H

#include "config.h"
#include "db/db.h"
#include "imports/import.h"
#include "loop/loop.h"

enum import_task { IMPORT_READ, IMPORT_APPLY, IMPORT_REHEARSE, IMPORT_REVERT };

/* The import at hand. */
struct import_job {
    struct arena *arena;
    struct uuid district;
    struct uuid id;
    enum import_task task;
    struct import_plan plan;
    const char *roles;
    bool is_dry_run;

    /* IMPORT_READ: */
    const struct import_form *form;
    struct csv_reader *reader; /* of CSV; or else: */
    struct json_rows *objects;
    struct csv_row names;
    struct csv_decoder decoder;
    struct str *text; /* of the chunk at hand */
    struct sv rest;   /* of it */
    int64_t chunk;    /* the next one */
    bool has_ended;
    bool has_names;
    int64_t rows;
    int64_t staged_line; /* up to which rows are in the database already */
    struct import_batch batch;
    int64_t batch_line; /* of its first row */
    int64_t last_line;
};

struct importer {
    struct loop *loop;
    const struct api_config *config;
    struct db_pool *pool;
    struct publisher *publisher; /* woken by what is committed */
    struct timer timer;
    struct uuid holder;
    struct arena *arena; /* of the step at hand */
    struct db_unit *unit;
    void (*next)(struct importer *importer); /* after the unit */
    struct import_job *job;                  /* NULL: between two */
    int64_t idle_ticks;
    bool is_busy;
    bool is_closing;
};

/* A unit of the job; its user needs one of these roles, if any are given. */
void importer_begin(struct importer *importer, const char *need);
void importer_add(struct importer *importer, const struct db_statement *statement,
                  const char *const *params, size_t count);
#define IMPORTER_ADD(importer, statement, ...)                                \
    importer_add((importer), (statement), (const char *const[]){__VA_ARGS__}, \
                 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
void importer_run(struct importer *importer, void (*next)(struct importer *importer));

/* The import has failed, for a reason that its owner can read. */
KITH_PRINTF(2, 3) void importer_fail(struct importer *importer, const char *fmt, ...);

/* imports/read.c: reads the file, then hands on to importer_apply. */
void importer_read(struct importer *importer, char separator);
void importer_apply(struct importer *importer);

#endif
