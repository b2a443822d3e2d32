/* What became of attempts, told to the database. */
#ifndef KITH_MAILER_ENDS_H
#define KITH_MAILER_ENDS_H

#include "claim.h"

/* Those of the claim that have ended and are not told yet, as JSON. NULL: there are none. */
const char *ends_of(struct arena *arena, const struct claim *claim,
                    const struct mailer_config *config);

#endif
