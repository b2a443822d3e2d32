/* The table of errors. */
#include "base/errors.h"

#include "base/base.h"

static const struct error errors[] = {
#define ERR(name, status, type, title) [ERR_##name] = {status, type, title},
#include "base/errors.def"
#undef ERR
};

const struct error *error_of(enum error_code code)
{
    ENSURE((size_t)code < COUNT_OF(errors));
    return &errors[code];
}
