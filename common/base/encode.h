/* Bytes as text: hexadecimal, base64url without padding (RFC 4648 §5), percent-encoding. */
#ifndef KITH_BASE_ENCODE_H
#define KITH_BASE_ENCODE_H

#include "base/arena.h"

struct sv hex_encode(struct arena *arena, struct sv bytes);

/* Of an even number of hexadecimal digits, as PostgreSQL gives them. */
struct sv hex_decode(struct arena *arena, struct sv text);

struct sv base64url_encode(struct arena *arena, struct sv bytes);

/* False on any character outside the alphabet, on padding, on an impossible length, and on bits
 * left over that are not zero: one text for one value. */
KITH_MUST_CHECK bool base64url_decode(struct arena *arena, struct sv text, struct sv *out);

/* Every byte but RFC 3986's unreserved ones becomes %XX. */
struct sv percent_encode(struct arena *arena, struct sv text);

/* False on a '%' that two hexadecimal digits do not follow. The bytes are not judged. */
KITH_MUST_CHECK bool percent_decode(struct arena *arena, struct sv text, struct sv *out);

#endif
