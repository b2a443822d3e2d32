/* What an administrator looks after: events that nobody could handle, and the files of records
 * requests. */
#ifndef KITH_API_ADMINISTRATION_H
#define KITH_API_ADMINISTRATION_H

#include "json/bind.h"

struct req;
struct plan;

extern const struct json_table dead_letters_redrive_table;
extern const struct json_table dead_letters_redriven_table;

struct plan *records_request_file(struct req *r); /* GET /v1/records_requests/{id}/file */
struct plan *dead_letters_redrive(struct req *r); /* POST /v1/dead_letter_redrives */

#endif
