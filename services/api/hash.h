/* A hash that tells things apart and keeps no secret: FNV-1a, each text with its end. */
#ifndef KITH_API_HASH_H
#define KITH_API_HASH_H

#include "base/sv.h"

#define HASH_START 2166136261u

uint32_t hash_add(uint32_t hash, struct sv text);

#endif
