/* Mails to be looked at before anybody gets them. */
#ifndef KITH_API_MAIL_PREVIEW_H
#define KITH_API_MAIL_PREVIEW_H

#include "http/req.h"
#include "json/bind.h"

void mail_preview_prepare(void); /* once, before requests */

STEP(mail_preview_get);  /* GET /v1/mail_previews?kind= or ?message_id= */
STEP(bulletin_mail_get); /* GET /v1/bulletins/{id}/mail */
extern const struct json_table bulletin_mail_query;
extern const struct json_table mail_preview_table;
extern const struct json_table mail_preview_query;

#endif
