/* Which of a set's languages somebody gets, and in which direction it is written. */
#include "template/set.h"

/* Languages and scripts that are written from right to left (CLDR 44). Those that are written in
 * several scripts are told by the script: "ks-Deva", "pa-Arab". */
static const char *const leftward[] = {"ar",   "arc",  "bal",  "ckb",  "dv",  "fa",  "glk",  "he",
                                       "iw",   "ji",   "ks",   "lrc",  "mzn", "nqo", "pnb",  "prs",
                                       "ps",   "sd",   "syr",  "ug",   "ur",  "yi",  "Adlm", "Arab",
                                       "Hebr", "Nkoo", "Rohg", "Syrc", "Thaa"};

#define SCRIPT_LETTERS 4

size_t templates_locale_find(const struct template_set *set, struct sv wanted)
{
    size_t i = 0;

    while (i < set->text_count && !sv_eq_nocase(sv_of(set->texts[i].locale), wanted))
        i++;
    return i;
}

struct sv templates_locale(const struct templates *templates, struct sv wanted)
{
    const struct template_set *set = templates->set;
    size_t i = templates_locale_find(set, wanted);

    if (i == set->text_count)
        i = templates_locale_find(set, sv_head(wanted, sv_find(wanted, '-')));
    if (i == set->text_count)
        i = 0;
    return set->text_count ? sv_of(set->texts[i].locale) : SV("en");
}

static bool is_leftward(struct sv subtag)
{
    for (size_t i = 0; i < COUNT_OF(leftward); i++) {
        if (sv_eq_nocase(sv_of(leftward[i]), subtag))
            return true;
    }
    return false;
}

struct sv template_direction(struct sv locale)
{
    struct sv language;
    struct sv script;
    bool is_told;

    (void)sv_split(&locale, '-', &language);
    is_told = sv_split(&locale, '-', &script) && script.n == SCRIPT_LETTERS;
    return is_leftward(is_told ? script : language) ? SV("rtl") : SV("ltr");
}
