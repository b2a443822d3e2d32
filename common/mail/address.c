/* Addresses. */
#include "mail/address.h"

#include <string.h>

static bool is_address_char(char c)
{
    return c > ' ' && c < 0x7f && !strchr("()<>[]:;,\\\"", c);
}

bool mail_address_is_good(struct sv address)
{
    size_t at = sv_find(address, '@');
    struct sv domain = sv_skip(address, at + 1);

    if (address.n > MAIL_ADDRESS_BYTES || at == 0 || domain.n == 0 ||
        sv_find(domain, '@') < domain.n)
        return false;
    for (size_t i = 0; i < address.n; i++) {
        if (!is_address_char(address.p[i]))
            return false;
    }
    return true;
}

struct sv mail_address_domain(struct sv address)
{
    return sv_skip(address, sv_find(address, '@') + 1);
}
