/* Pages and mails as text with holes: mustache, of which we have all of the specification's core
 * (mustache.github.io, spec 1.4): variables, dotted names, sections, inverted sections, comments,
 * partials, delimiters, and the rules of lines that hold nothing but a tag. Of its core one thing
 * is left out: a partial that is missing is no empty text but a fault when the set is loaded, as
 * it is a mistyped name. Of its optional parts there are none: a lambda is logic, and with parents,
 * blocks and dynamic names a template cannot be checked before there is data. What is shown is
 * decided by whoever makes the data; a template only says where it stands.
 *
 * Four things are ours:
 *   {{t.sign_in.title}}      a text of the catalog in the reader's language. It is a small template
 *                            itself, of the same data: "Due on {{#due}}{{t.date}}{{/due}}".
 *                            {{{t.x}}} lets the text's own markup through, never a value's.
 *   {{t.status[status]}}     the text whose last key is the value of `status`; without such a text,
 *                            the value itself
 *   right to left            of such a language, in a mail, what the data puts into a text of the
 *                            catalog is isolated, as the signs of a phone number would stand in
 *                            another order (Unicode UAX #9, 2.4); an address that begins with
 *                            http is not: what a reader makes a link of ends with it
 *   nothing                  is what is absent, null, false, an empty list or an empty text; a
 *                            number is something, 0 too
 *
 * A set is a service's templates and catalogs, embedded by `common/template/generate`. Loading it
 * checks all of it, so what is wrong with a template shows at start, and in a test. */
#ifndef KITH_TEMPLATE_TEMPLATE_H
#define KITH_TEMPLATE_TEMPLATE_H

#include <jansson.h>

#include "base/arena.h"
#include "base/str.h"

#define TEMPLATE_SECTIONS 16     /* sections open at once in one template */
#define TEMPLATE_PARTIALS 16     /* partials within partials */
#define TEMPLATE_TEXTS    3      /* texts within texts */
#define TEMPLATE_LOCALES  16     /* catalogs of a set */
#define TEMPLATE_NODES    500000 /* pieces of templates that one result is made of */

struct template_file {
    const char *name; /* "check_in", "reminder.html" */
    struct sv text;
};

struct template_texts {
    const char *locale; /* "en" */
    struct sv json;     /* an object of texts and of objects of them */
};

/* The first catalog is the one for languages that the set does not have, and has every text; what
 * another one lacks is shown in a language that has it, and in a page said to be so (`lang`). */
struct template_set {
    const char *service;
    const struct template_file *files;
    size_t file_count;
    const struct template_texts *texts;
    size_t text_count;
};

enum template_mode {
    TEMPLATE_HTML, /* {{x}} is escaped, {{{x}}} is not */
    TEMPLATE_MAIL, /* as HTML, for readers that know few styles: the lines of what somebody wrote
                    * end with <br> */
    TEMPLATE_TEXT, /* nothing is */
};

/* A file as it is, without being filled; SV_NONE: there is none of that name. */
struct sv template_set_text(const struct template_set *set, struct sv name);

struct templates;

/* NULL with the first fault as "file:line: what" in *out_why. The set must outlive it. */
struct templates *templates_load(const struct template_set *set, struct str *out_why);
void templates_free(struct templates *templates); /* NULL is fine */

bool templates_has(const struct templates *templates, struct sv name);

/* The set's locale for a wanted one: itself ("es"), its language ("es-MX"), or the first. */
struct sv templates_locale(const struct templates *templates, struct sv wanted);

/* "rtl" or "ltr", of any locale. */
struct sv template_direction(struct sv locale);

/* What templates are filled with, a JSON value; read once for several of them. It lives as long as
 * the arena. NULL: jansson does not take it. */
const json_t *template_data(struct arena *arena, struct sv json);

/* Adds the template, filled with the data, to *out. False when there is no data, when *out has
 * failed, and past the limits above; what was added then is worth nothing. An unknown name is our
 * bug. The arena is for scratch. After a comma `locale` may name the language that stands in for
 * texts that it lacks, before the first: "ar,es". */
KITH_MUST_CHECK bool template_render(const struct templates *templates, struct arena *arena,
                                     struct str *out, struct sv name, enum template_mode mode,
                                     struct sv locale, const json_t *data);

/* The text with & < > " ' escaped, fit for an element's content and a quoted attribute. */
void template_escape(struct str *out, struct sv text);

#endif
