/* Which passwords are fit. After NIST SP 800-63B, 3.1.1.2: length, and none that is easily guessed;
 * no rules about kinds of characters. */
#ifndef KITH_API_PASSWORD_H
#define KITH_API_PASSWORD_H

#include "base/sv.h"

/* NULL, or why it is not fit: a sentence about "new_password". It is unfit when it is one of the
 * best known ones, also repeated, or with digits and signs around it, or has in it the user's name
 * or what stands before the @ of the address. Letters of ASCII count the same in both cases. */
const char *password_unfit(struct sv password, struct sv email, struct sv name);

#endif
