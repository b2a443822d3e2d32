/* What a district's pages and mails show of it: its logo, the same for everybody and under one
 * address, so that it tells nothing of who looks; and a sheet of its color. */
#include "base/uuid.h"
#include "gen/stmt.h"
#include "pages/page.h"
#include "pieces.h"

/* ---- The logo ---- */

static void ask(struct req *r, const char *number)
{
    struct call *call = call_begin_public(r);

    call_add(call, STMT(district_logo), arena_cstr(call->arena, r->captures[0]),
             pieces_of(r)->id.text, number, call_now(r), call_request_id(r));
}

STEP(page_logo)
{
    struct pieces *pieces = pieces_new(r, 0, ask);

    if (!uuid_parse(r->captures[1], &pieces->id))
        return fail(r, ERR_NOT_FOUND);
    ask(r, "0");
    return call_run(r, page_picture_found);
}

/* ---- The color ---- */

#define COLOR_DIGITS 6
#define SHEET_SUFFIX SV(".css")

/* Of a hundred, how much is of the color; the rest is black or white. */
#define DEEP_PART 70
#define PALE_PART 8
#define DARK_PART 35 /* in the dark what was dark on light is light on dark */
#define DARK_DEEP 20
#define DARK_PALE 25
#define DARK_BAR  30
#define DARK_OVER 45

static bool parse_color(struct sv name, unsigned out[3])
{
    uint64_t value = 0;

    if (name.n != COLOR_DIGITS + SHEET_SUFFIX.n || !sv_ends_with(name, SHEET_SUFFIX))
        return false;
    for (size_t i = 0; i < COLOR_DIGITS; i++) {
        size_t digit = sv_find(SV("0123456789abcdef"), name.p[i]);

        if (digit == 16)
            return false;
        value = value * 16 + digit;
    }
    for (size_t i = 0; i < 3; i++)
        out[i] = value >> (8 * (2 - i)) & 0xff;
    return true;
}

/* The color between itself and one that is all `other`. */
static struct sv mixed(struct req *r, const unsigned color[3], unsigned part, unsigned other)
{
    unsigned of[3];

    for (size_t i = 0; i < 3; i++)
        of[i] = (color[i] * part + other * (100 - part)) / 100;
    return arena_printf(r->arena, "#%02x%02x%02x", of[0], of[1], of[2]);
}

static struct sv sheet_of(struct req *r, const unsigned color[3])
{
    return arena_printf(
        r->arena,
        ":root { --accent: %.*s; --accent-deep: %.*s; --accent-pale: %.*s; }\n"
        "@media screen and (prefers-color-scheme: dark) {\n"
        "  :root { --accent: %.*s; --accent-deep: %.*s; --accent-pale: %.*s; --bar: %.*s; --bar-over: %.*s; }\n"
        "}\n",
        SV_ARG(mixed(r, color, 100, 0)), SV_ARG(mixed(r, color, DEEP_PART, 0)),
        SV_ARG(mixed(r, color, PALE_PART, 255)), SV_ARG(mixed(r, color, DARK_PART, 255)),
        SV_ARG(mixed(r, color, DARK_DEEP, 255)), SV_ARG(mixed(r, color, DARK_PALE, 0)),
        SV_ARG(mixed(r, color, DARK_BAR, 0)), SV_ARG(mixed(r, color, DARK_OVER, 0)));
}

/* Of any color, as the address says all of it: a district's is known to be dark enough. */
STEP(page_accent)
{
    unsigned color[3];

    if (!parse_color(r->captures[0], color))
        return fail(r, ERR_NOT_FOUND);
    reply_field(r, "Cache-Control", SV("public, max-age=31536000, immutable"));
    return reply_bytes(r, 200, "text/css; charset=utf-8", sheet_of(r, color));
}
