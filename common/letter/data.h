/* What the templates of a letter are filled with. Private to common/letter. */
#ifndef KITH_LETTER_DATA_H
#define KITH_LETTER_DATA_H

#include "letter/letter.h"

/* A JSON object, or SV_NONE when it would be too large. */
struct sv letter_data(struct arena *arena, const struct letter *letter, struct sv locale);

#endif
