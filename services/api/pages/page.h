/* Pages: HTML for people, made on the server, without a script. What a page shows is an object that
 * the database makes (sql/functions/96_page.sql); how, a template of pages/ with the words of
 * pages/texts.<locale>.json. Each is private to its reader: never stored, never framed, in no
 * index.
 *
 * A form is posted, answered by 303, and so never sent twice by going back; what is wrong with it
 * comes back on the same page with everything that was typed (pages/form.h). Nothing is changed by
 * a GET: mail scanners open every link. */
#ifndef KITH_API_PAGE_H
#define KITH_API_PAGE_H

#include "call.h"

#define PAGE_BYTES           MB(2) /* of a page; past it: 500 */
#define PAGE_FORM_BYTES      MB(1) /* of a form's body; past it: 413 */
#define PAGE_LINKS           16 /* links that one browser has open at once; the oldest gives way */
#define PAGE_FILE_BYTES      MB(5) /* of a file that a form sends; past it: it is said on the page */
#define PAGE_FILE_FORM_BYTES (PAGE_FILE_BYTES + KB(256)) /* with its form; past it: 413 */
#define PAGE_SIGN_IN         KB(4)                       /* of a form with passwords */

/* Loads the templates, and dies of what is wrong with one; once, before any fork. */
void page_prepare(void);

/* The template, filled with the object `body` and what each page needs: the language (what the
 * address says, the browser's cookie, the person's, what the browser asks for), the address, the
 * form's token, and what there is to say of a form just done. `locale` may be empty. */
KITH_MUST_CHECK struct plan *page_reply(struct req *r, int status, const char *template,
                                        struct sv locale, struct sv body);

/* The same in that language, of which the browser keeps nothing. */
KITH_MUST_CHECK struct plan *page_reply_in(struct req *r, int status, const char *template,
                                           struct sv language, struct sv body);

/* The template in that language, as text for whoever replies; empty: it came out too large. */
struct sv page_render(struct req *r, const char *template, struct sv language, struct sv body);

/* The set's language for a locale. */
struct sv page_language_for(struct sv locale);

/* 303, with what there is to say there: the name of one of the texts said.…, or NULL. */
KITH_MUST_CHECK struct plan *page_go(struct req *r, struct sv path, const char *said);

/* http_server_opts.explain: an error as a page, for browsers. */
struct plan *page_explain(struct req *r, enum error_code code);

/* The language that the address or the browser's cookie says, or the empty view; that of the page
 * for a person of that locale; and one for all pages to come. */
struct sv page_language_said(const struct req *r);
struct sv page_language(const struct req *r, struct sv locale);
bool page_knows_language(struct sv locale);
void page_set_language(struct req *r, struct sv locale);

/* A cookie of ours, under the name that api->is_secure wants; empty: it goes. */
const char *page_cookie_name(struct req *r, const char *name);
void page_set_cookie(struct req *r, const char *name, struct sv value);

/* What a form has to bring along: bound to the session or the link, or, before there is one, to the
 * cookie of the form. */
struct sv page_form_token(struct req *r);
#define PAGE_NONCE_COOKIE "form"

/* "/l/{id}" for all that stands below it: where forms of the page go. */
struct sv page_base_path(const struct req *r);

/* The link's token: in the path, or in the cookie to which it was moved; and what of it is open,
 * behind a dot: "purpose.subject", or nothing. */
KITH_MUST_CHECK bool page_link_token(struct req *r, struct sv *out, struct sv *out_part);

/* From the page of all that waits for somebody, /l/{id}/{purpose}/{subject}: that thing, as if its
 * own link had been opened. Whether it is this person's is found out there. */
KITH_MUST_CHECK struct plan *page_open_part(struct req *r);

/* The link is spent: its cookie goes. */
void page_close_link(struct req *r);

/* A link that opens nothing, or nothing any more: whom to ask. */
KITH_MUST_CHECK struct plan *page_over(struct req *r);

/* Begins the unit of a task's page, by its link or by a session: NULL, or the answer where there is
 * neither. The next statement has the index *out_next; the person's locale is that of the one
 * before it. What the database refuses goes to page_refused, unless it is told another step. */
KITH_MUST_CHECK struct plan *page_enter(struct req *r, enum call_kind kind, const char *purposes,
                                        size_t *out_next);

/* Of a page of whoever is signed in: its task's, by the address. */
const char *page_session_purpose(const struct req *r);

/* Whoever may not enter is sent to sign in, or told whom to ask; the rest is an error as any. */
STEP(page_refused);
#define PAGES_OF_MAILS                                                                      \
    "check_in,survey,agreement,investments,acknowledgment,ask,credential,record,convening," \
    "story_consent,training,partner_year,preferences,tasks"
#define PAGE_PURPOSES PAGES_OF_MAILS ",password,invitation,sign_in"

/* The page for signing in, in the district of that slug (empty: it has to be said), with the text
 * faults.… of what went wrong. */
KITH_MUST_CHECK struct plan *page_login_failed(struct req *r, int status, const char *error,
                                               struct sv slug);

STEP(page_style); /* GET /style.css */
STEP(page_icon);  /* GET /icon.svg */

/* Of who has just signed in: to where one wanted to go, or to the first page. */
KITH_MUST_CHECK struct plan *page_go_on(struct req *r);

STEP(page_home);          /* GET / */
STEP(page_today);         /* GET /today */
STEP(page_organization);  /* GET /organization: of a partner's contact */
STEP(page_done);          /* POST /done: one of the list is done */
STEP(page_login);         /* GET /login */
STEP(page_sign_in);       /* POST /login */
STEP(page_sso_begin);     /* GET /login/oidc/{id}: to the identity provider */
STEP(page_sso_end);       /* GET /login/oidc/callback: and back */
STEP(page_forgot);        /* GET /forgot */
STEP(page_forgot_post);   /* POST /forgot: a mail with a link for a new password */
STEP(page_ask_link);      /* GET /sign_in_link */
STEP(page_ask_link_post); /* POST /sign_in_link: a mail with a link that signs in */
STEP(page_sign_out);      /* POST /logout */

STEP(page_open);      /* GET /r/{token}, GET /u/{token} */
STEP(page_one_click); /* POST /u/{token} */
STEP(page_task);      /* GET /l/{id}, /l/{id}/{view}, …, and of /check_ins/{id} */
STEP(page_task_post); /* POST of either */
STEP(page_file_post); /* POST /l/{id}/file, /papers/{id}/file: a form with a file */
STEP(page_document);  /* GET /l/{id}/document, /agreements/{id}/document: the file that is one */

STEP(page_password_post); /* POST /l/{id}/password */
STEP(page_link_sign_in);  /* POST /l/{id}/sign_in */

STEP(page_inquiry);      /* GET /d/{slug}/partner: the public form "partner with us" */
STEP(page_inquiry_post); /* POST of it */

STEP(page_public_survey);      /* GET /d/{slug}/survey/{code}: of a public link */
STEP(page_public_survey_post); /* POST of it */

STEP(page_stories);       /* GET /d/{slug}/stories: what is published, for everybody */
STEP(page_needs);         /* GET /d/{slug}/needs: what is needed, for everybody */
STEP(page_needs_feed);    /* GET /d/{slug}/needs.atom */
STEP(page_stories_feed);  /* GET /d/{slug}/stories.atom */
STEP(page_story);         /* GET /d/{slug}/stories/{id} */
STEP(page_picture_found); /* a public statement's media_type, sha256, pieces → the file */
STEP(page_logo);          /* GET /d/{slug}/logo/{id} */
STEP(page_accent);        /* GET /accent/{color}: "0b5d4e.css" */
STEP(page_story_picture); /* GET /d/{slug}/stories/{id}/{picture} */

#endif
