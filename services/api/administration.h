/* What an administrator looks after: events that nobody could handle. */
#ifndef KITH_API_ADMINISTRATION_H
#define KITH_API_ADMINISTRATION_H

#include "json/bind.h"

struct req;
struct plan;

extern const struct json_table dead_letters_redrive_table;
extern const struct json_table dead_letters_redriven_table;

struct plan *dead_letters_redrive(struct req *r); /* POST /v1/dead_letter_redrives */

#endif
