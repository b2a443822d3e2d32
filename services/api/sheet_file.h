/* A spreadsheet as a reply: packed by a thread, then sent piece by piece. */
#ifndef KITH_API_SHEET_FILE_H
#define KITH_API_SHEET_FILE_H

#include "http/req.h"
#include "sheet.h"

#define SHEET_MEDIA_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

/* What the state of the call begins with. */
struct sheet_file {
    struct sheet *sheet; /* the file's own; all its rows are written */
    bool is_packed;
    bool has_failed;
};

/* For arena_defer(). */
void sheet_file_free(void *file);

/* Of a stream that has begun, again and again. */
STEP(sheet_file_more);

/* 503: there is no room for one. */
KITH_MUST_CHECK struct plan *sheet_file_refuse(struct req *r);

#endif
