/* FNV-1a. */
#include "hash.h"

#define PRIME 16777619u

uint32_t hash_add(uint32_t hash, struct sv text)
{
    for (size_t i = 0; i < text.n; i++)
        hash = (hash ^ (unsigned char)text.p[i]) * PRIME;
    return (hash ^ 0xff) * PRIME; /* a byte that UTF-8 does not have */
}
