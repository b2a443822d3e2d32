/* What files say where a figure would stand and none is: it was not submitted, it is hidden because
 * few people are behind it, or there is nothing. Agencies do not agree on the words. */
#include "imports/import.h"

#define WORD_BYTES 32

enum why { NOT_SUBMITTED, SUPPRESSED, NOT_AVAILABLE };

/* As the column "missing" has them. */
static const char *const reasons[] = {[NOT_SUBMITTED] = "not_submitted",
                                      [SUPPRESSED] = "suppressed",
                                      [NOT_AVAILABLE] = "not_available"};

static const struct {
    const char *word; /* small letters */
    enum why why;
} words[] = {
    {"ns", NOT_SUBMITTED},
    {"not submitted", NOT_SUBMITTED},
    {"not reported", NOT_SUBMITTED},
    {"s", SUPPRESSED},
    {"*", SUPPRESSED},
    {"**", SUPPRESSED},
    {"***", SUPPRESSED},
    {"suppressed", SUPPRESSED},
    {"data suppressed", SUPPRESSED},
    {"redacted", SUPPRESSED},
    {"ps", SUPPRESSED}, /* EDFacts: "privacy suppressed" */
    {"n/a", NOT_AVAILABLE},
    {"na", NOT_AVAILABLE},
    {"not available", NOT_AVAILABLE},
    {"no data", NOT_AVAILABLE},
    {"-", NOT_AVAILABLE},
    {"--", NOT_AVAILABLE},
    {"–", NOT_AVAILABLE},
    {"—", NOT_AVAILABLE},
    {".", NOT_AVAILABLE},
    {"null", NOT_AVAILABLE},
};

/* "<10", "n<10", "≤ 5 %": a bound is told where the figure is not. */
static bool is_bound(struct sv word)
{
    static const char *const signs[] = {"<", ">", "≤", "≥"};

    if (sv_starts_with(word, SV("n")))
        word = sv_skip(word, 1);
    while (sv_starts_with(word, SV(" ")))
        word = sv_skip(word, 1);
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        if (sv_starts_with(word, sv_of(signs[i])))
            return true;
    }
    return false;
}

static bool find_why(struct sv text, enum why *out)
{
    char lower[WORD_BYTES];
    struct sv word = {lower, text.n};

    if (text.n > sizeof lower)
        return false;
    for (size_t i = 0; i < text.n; i++)
        lower[i] = char_lower(text.p[i]);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        *out = words[i].why;
        if (sv_eq(word, sv_of(words[i].word)))
            return true;
    }
    *out = SUPPRESSED;
    return is_bound(word);
}

const char *import_why_missing(struct sv text)
{
    enum why why;

    return find_why(text, &why) ? reasons[why] : NULL;
}
