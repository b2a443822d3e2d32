/* Fit passwords: see the header. */
#include "password.h"

#include <string.h>

#include "base/base.h"
#include "base/secret.h"

#define PART_SHORTEST      3 /* of an address; of a name, where it stands whole */
#define NAME_WORD_SHORTEST 4
#define CHARACTERS_FEWEST  5 /* different ones */

/* In lower case, in the order of their bytes. */
static const char *const common[] = {
#include "gen/common_passwords.h"
};

static bool is_common(struct sv word)
{
    size_t low = 0;
    size_t high = COUNT_OF(common);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = sv_compare(sv_of(common[middle]), word);

        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* "abcabcab" is made of "abc". */
static struct sv unit_of(struct sv text)
{
    size_t n = 1;

    while (n < text.n && memcmp(text.p, text.p + n, text.n - n) != 0)
        n++;
    return sv_head(text, n);
}

static bool is_letter(char c)
{
    return char_is_alpha(c) || (unsigned char)c >= 0x80;
}

/* Without digits and signs at both ends. */
static struct sv core_of(struct sv text)
{
    while (text.n && !is_letter(text.p[0]))
        text = sv_skip(text, 1);
    while (text.n && !is_letter(text.p[text.n - 1]))
        text.n--;
    return text;
}

static bool is_simple(struct sv text)
{
    bool seen[256] = {false};
    size_t count = 0;

    for (size_t i = 0; i < text.n; i++) {
        count += !seen[(unsigned char)text.p[i]];
        seen[(unsigned char)text.p[i]] = true;
    }
    return count < CHARACTERS_FEWEST;
}

static struct sv lower(char *out, size_t size, struct sv text)
{
    size_t n = size_min(text.n, size);

    for (size_t i = 0; i < n; i++)
        out[i] = char_lower(text.p[i]);
    return (struct sv){out, n};
}

static bool has(struct sv text, struct sv part, size_t shortest)
{
    return part.n >= shortest && memmem(text.p, text.n, part.p, part.n) != NULL;
}

static bool has_name(struct sv text, struct sv name)
{
    struct sv rest = name;
    struct sv word;

    if (has(text, name, PART_SHORTEST))
        return true;
    while (sv_split(&rest, ' ', &word)) {
        if (has(text, word, NAME_WORD_SHORTEST))
            return true;
    }
    return false;
}

static enum password_fault judge(struct sv text, struct sv email, struct sv name)
{
    struct sv core = core_of(text);

    if (is_simple(text))
        return PASSWORD_SIMPLE;
    if (is_common(text) || is_common(unit_of(text)) || is_common(core) ||
        (core.n && is_common(unit_of(core))))
        return PASSWORD_COMMON;
    if (has(text, sv_head(email, sv_find(email, '@')), PART_SHORTEST))
        return PASSWORD_HAS_ADDRESS;
    return has_name(text, name) ? PASSWORD_HAS_NAME : PASSWORD_FIT;
}

enum password_fault password_judge(struct sv password, struct sv email, struct sv name)
{
    char buffers[3][PASSWORD_LONGEST];
    enum password_fault fault = judge(lower(buffers[0], sizeof buffers[0], password),
                                      lower(buffers[1], sizeof buffers[1], email),
                                      lower(buffers[2], sizeof buffers[2], name));

    secret_wipe(buffers, sizeof buffers);
    return fault;
}
