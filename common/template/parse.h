/* A template's text as a tree of nodes. Private to common/template. */
#ifndef KITH_TEMPLATE_PARSE_H
#define KITH_TEMPLATE_PARSE_H

#include "template/template.h"

enum node_kind {
    NODE_LITERAL,
    NODE_VALUE,    /* {{x}}, {{{x}}}, {{&x}} */
    NODE_TEXT,     /* {{t.x}}, {{t.x[y]}} */
    NODE_SECTION,  /* {{#x}} */
    NODE_INVERTED, /* {{^x}} */
    NODE_PARTIAL,  /* {{>x}} */
};

struct node {
    enum node_kind kind;
    bool is_raw;    /* of a value, a text: not to be escaped */
    bool is_plain;  /* of a text: within a tag of HTML's or a title, where no markup may stand */
    struct sv text; /* a literal's bytes; else the name; of a text what follows "t." */
    struct sv key;  /* of a text: the name between brackets, or nothing */
    bool is_alone;  /* of a partial: on its line, behind `indent` */
    struct sv indent;
    size_t line;       /* from 1 */
    struct node *kids; /* of sections */
    struct node *next;
};

/* The views point into `text`, the nodes are the arena's. False with the line and a sentence. */
KITH_MUST_CHECK bool template_parse(struct arena *arena, struct sv text, struct node **out,
                                    size_t *out_line, const char **out_why);

#endif
