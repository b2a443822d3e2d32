/* The public form "partner with us". */
#ifndef KITH_API_ACT_INQUIRY_H
#define KITH_API_ACT_INQUIRY_H

#include "http/req.h"
#include "json/bind.h"

STEP(inquiry_receive);
extern const struct json_table inquiry_public_table;
extern const struct json_table inquiry_received_table;

#endif
