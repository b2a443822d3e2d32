/* What the templates of a letter are filled with. Private to common/letter. */
#ifndef KITH_LETTER_DATA_H
#define KITH_LETTER_DATA_H

#include "letter/letter.h"

/* An object that lives as long as the arena, or NULL when it would be too large. */
const json_t *letter_data(struct arena *arena, const struct letter *letter, struct sv locale);

#endif
