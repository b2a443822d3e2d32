/* UUIDs from the kernel's random numbers and the real clock. */
#include "base/uuid.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static struct uuid format(const unsigned char b[16])
{
    static const char digits[] = "0123456789abcdef";
    struct uuid id;
    size_t n = 0;

    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            id.text[n++] = '-';
        id.text[n++] = digits[b[i] >> 4];
        id.text[n++] = digits[b[i] & 15];
    }
    id.text[n] = '\0';
    return id;
}

/* The time with 12 more bits below it, always greater than the last one given (RFC 9562 §6.2,
 * method 1 with a counter that may run ahead of the clock). */
static uint64_t next_tick(void)
{
    static _Thread_local uint64_t last;
    uint64_t tick = (uint64_t)clock_real_ms() << 12;

    last = tick > last ? tick : last + 1;
    return last;
}

struct uuid uuid7_new(void)
{
    unsigned char b[16];
    uint64_t tick = next_tick();

    arc4random_buf(b, sizeof b);
    for (int i = 0; i < 6; i++)
        b[i] = (unsigned char)(tick >> (52 - 8 * i));
    b[6] = (unsigned char)(0x70 | (tick >> 8 & 0x0f));
    b[7] = (unsigned char)tick;
    b[8] = (unsigned char)(0x80 | (b[8] & 0x3f));
    return format(b);
}

struct uuid uuid4_new(void)
{
    unsigned char b[16];

    arc4random_buf(b, sizeof b);
    b[6] = (unsigned char)(0x40 | (b[6] & 0x0f));
    b[8] = (unsigned char)(0x80 | (b[8] & 0x3f));
    return format(b);
}

bool uuid_parse(struct sv text, struct uuid *out)
{
    if (text.n != UUID_TEXT_LENGTH)
        return false;
    for (size_t i = 0; i < UUID_TEXT_LENGTH; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text.p[i] != '-' : char_hex_value(text.p[i]) < 0)
            return false;
        out->text[i] = char_lower(text.p[i]);
    }
    out->text[UUID_TEXT_LENGTH] = '\0';
    return true;
}

struct sv uuid_view(const struct uuid *id)
{
    return (struct sv){id->text, UUID_TEXT_LENGTH};
}
