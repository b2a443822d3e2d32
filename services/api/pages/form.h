/* Forms of pages: who may send one, and what it may have. A form's fields are declared as a body's
 * are (json/bind.h); each is judged alone, so that all that is wrong is told at once. */
#ifndef KITH_API_PAGE_FORM_H
#define KITH_API_PAGE_FORM_H

#include "http/form.h"
#include "pages/page.h"
#include "json/bind.h"

enum page_each {
    PAGE_ONE,       /* the field of that name */
    PAGE_EACH_ID,   /* "note.<uuid>" for each of several */
    PAGE_EACH_CODE, /* "a.<code>", of lower-case letters, digits and "_" */
    PAGE_EACH_PAIR, /* "m.<code>.<code>" */
};

struct page_field {
    struct json_field json;
    enum page_each each;
};

struct page_form {
    const struct page_field *fields;
    size_t field_count;
};

#define PAGE_FORM(rows)                                 \
    {                                                   \
        .fields = (rows), .field_count = COUNT_OF(rows) \
    }

struct page_input {
    const struct http_param *params;
    size_t param_count;
    const char *typed;  /* JSON: what was typed, by name, but for passwords and our own fields */
    const char *values; /* the same, canonical; what was left empty is "" */
    const char *errors; /* JSON: [{"name", "code"}] */
    bool is_good;
};

/* Reads the form into *out: NULL, or the answer. It must be of our own page: sent from our origin
 * (where the browser says from where; with our Referrer-Policy its Origin is "null", RFC 6454), and
 * with the form's token. */
struct plan *page_form_read(struct req *r, struct page_input *out);

/* The same of one that was read otherwise: NULL, or the answer. */
struct plan *page_form_check(struct req *r, const struct page_input *input);

/* Judges what was read. A field that the form does not have: the answer is 400. */
struct plan *page_form_bind(struct req *r, const struct page_form *form, struct page_input *out);

/* Before there is a session or a link: what the form's cookie holds or is to hold, and the token
 * that goes with it, whoever is signed in already. */
struct sv page_nonce(struct req *r);
struct sv page_nonce_token(struct req *r, struct sv nonce);

/* The field's value, or the empty view. */
struct sv page_form_value(const struct page_input *input, const char *name);

#endif
