/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Checking UTF-8. On the path of every row: most text is ASCII, which goes 8 bytes at a time.
 */
#include "sdk/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

/* Not 0 when one of the 8 bytes is NUL or above 0x7f: such a byte sets its highest bit here. */
static inline uint64_t odd_bytes(uint64_t word)
{
    return (word | (word - EACH_BYTE(1))) & EACH_BYTE(0x80);
}

static inline uint64_t load(const uint8_t *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return word;
}

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Returns the size of the character that begins at `bytes`, `left` bytes before the end; 0: bad. */
static size_t character_size(const uint8_t *bytes, size_t left)
{
    uint8_t first = bytes[0];
    uint8_t least = 0x80; /* bounds of the second byte: they rule out overlong forms, surrogates */
    uint8_t most = 0xbf;  /* and what lies above U+10FFFF */
    size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

    if (first < 0x80)
        return first != 0;
    if (first < 0xc2 || first > 0xf4 || size > left)
        return 0;
    if (first == 0xe0)
        least = 0xa0;
    if (first == 0xf0)
        least = 0x90;
    if (first == 0xed)
        most = 0x9f;
    if (first == 0xf4)
        most = 0x8f;
    if (bytes[1] < least || bytes[1] > most)
        return 0;
    for (size_t i = 2; i < size; i++) {
        if (!is_continuation(bytes[i]))
            return 0;
    }
    return size;
}

/*
 * Returns how many bytes from the start are plain ASCII for sure, in steps of 32 and 8 bytes. A
 * rest below 8 is looked at together with bytes before it, which may be looked at twice.
 */
static inline size_t plain_prefix(const uint8_t *bytes, size_t size)
{
    size_t at = 0;

    for (; size - at >= 32; at += 32) {
        if (odd_bytes(load(bytes + at)) | odd_bytes(load(bytes + at + 8)) |
            odd_bytes(load(bytes + at + 16)) | odd_bytes(load(bytes + at + 24)))
            return at;
    }
    for (; size - at >= 8; at += 8) {
        if (odd_bytes(load(bytes + at)))
            return at;
    }
    return size >= 8 && !odd_bytes(load(bytes + size - 8)) ? size : at;
}

size_t utf8_valid_prefix(const char *text, size_t size)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t at = plain_prefix(bytes, size);

    while (at < size) {
        size_t step;

        if (size - at >= 8 && !odd_bytes(load(bytes + at))) {
            at += 8;
            continue;
        }
        step = character_size(bytes + at, size - at);
        if (step == 0)
            break;
        at += step;
    }
    return at;
}
