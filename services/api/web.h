/* The web app's files (services/web), read once at start and answered from memory.
 *
 *     /app/assets/{name}   named by their content, kept by browsers for ever
 *     /app/{name}          a file at the folder's top, such as the worker that keeps pages for
 * later /app, /app/…         any other address is the app's own: its one page, which reads the
 * address
 *
 * Beside a file may stand the same file compressed, name.br and name.gz: whoever takes that gets
 * it. All of it is the same for everybody and says nothing of any district. */
#ifndef KITH_API_WEB_H
#define KITH_API_WEB_H

#include "http/reply.h"

#define WEB_FILES      1000  /* past it the start fails */
#define WEB_FILE_BYTES MB(8) /* of one; past it the start fails */

/* Reads them, once, before any fork. NULL: there is no app, and its addresses are 404. False: the
 * folder is not one that services/web has made; *out_why says what is wrong with it. */
KITH_MUST_CHECK bool web_prepare(const char *folder, const char **out_why);

/* There is one. */
bool web_is_there(void);

STEP(web_page);
STEP(web_file);
STEP(web_asset);

#endif
