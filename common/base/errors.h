/* The table of errors (errors.def) as values. */
#ifndef KITH_BASE_ERRORS_H
#define KITH_BASE_ERRORS_H

enum error_code {
#define ERR(name, status, type, title) ERR_##name,
#include "base/errors.def"
#undef ERR
    ERROR_COUNT
};

struct error {
    int status;
    const char *type;
    const char *title;
};

const struct error *error_of(enum error_code code);

#endif
