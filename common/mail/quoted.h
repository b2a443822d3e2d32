/* Quoted-printable (RFC 2045 §6.7). Private to common/mail. */
#ifndef KITH_MAIL_QUOTED_H
#define KITH_MAIL_QUOTED_H

#include "base/str.h"

#define QUOTED_LINE_BYTES 76

/* Adds the text in lines of at most QUOTED_LINE_BYTES that end in CRLF. Any of CRLF, LF and CR ends
 * a line of the text. No line begins with a dot or "From ", so that no relay changes one. */
void quoted_add(struct str *out, struct sv text);

#endif
