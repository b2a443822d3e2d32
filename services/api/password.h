/* Which passwords are fit. After NIST SP 800-63B, 3.1.1.2: length, and none that is easily guessed;
 * no rules about kinds of characters. */
#ifndef KITH_API_PASSWORD_H
#define KITH_API_PASSWORD_H

#include "base/sv.h"

enum password_fault {
    PASSWORD_FIT,
    PASSWORD_SIMPLE,      /* too few different characters */
    PASSWORD_COMMON,      /* one of the best known ones, also repeated, or with digits and signs
                             around it */
    PASSWORD_HAS_ADDRESS, /* what stands before the @ is in it */
    PASSWORD_HAS_NAME,
};

/* Letters of ASCII count the same in both cases. */
enum password_fault password_judge(struct sv password, struct sv email, struct sv name);

#endif
