/* What the forms of tasks' pages can do: the value of the button that sent one. */
#ifndef KITH_API_PAGE_VERBS_H
#define KITH_API_PAGE_VERBS_H

#include "pages/form.h"

struct page_verb {
    const char *name;    /* as task_put() knows it */
    const char *purpose; /* of the links that may */
    struct page_form form;
    bool is_silent; /* nothing is said when it is done: the next page says it */
    bool has_file;  /* its form goes to …/file */
};

/* Does what a form says that was read and judged: 303, or the page again with what was typed. */
KITH_MUST_CHECK struct plan *page_task_do(struct req *r, const struct page_verb *verb,
                                          const struct page_input *input);

/* NULL: there is none. */
const struct page_verb *page_verb_find(struct sv name);

#endif
