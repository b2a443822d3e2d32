/* Addresses as they may stand in an envelope and in a header. Private to common/mail. */
#ifndef KITH_MAIL_ADDRESS_H
#define KITH_MAIL_ADDRESS_H

#include "base/sv.h"

#define MAIL_ADDRESS_BYTES 254 /* RFC 5321 §4.5.3.1.3, without the brackets */

/* A plain addr-spec of ASCII: one "@", no quotes, comments or literals, nothing that would end a
 * line, a path or a list. */
KITH_MUST_CHECK bool mail_address_is_good(struct sv address);

/* What stands behind the "@". */
struct sv mail_address_domain(struct sv address);

#endif
