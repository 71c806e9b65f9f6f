/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Ids of chunks and rows. State: the caller's generator; nothing global, so that whoever forks
 * decides what the child starts with.
 */
#include "harness/wire/tuid.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

int tuid_generator_init(struct tuid_generator *generator)
{
    uint64_t random;

    for (;;) {
        ssize_t n = getrandom(&random, sizeof(random), 0);

        if (n == (ssize_t)sizeof(random))
            break;
        if (n < 0 && errno != EINTR)
            return -errno;
    }
    *generator = (struct tuid_generator){.next_inc = random & (UINT64_MAX >> 1)};
    return 0;
}

struct tuid tuid_next(struct tuid_generator *generator, uint64_t time_ns)
{
    if (time_ns > generator->last_time_ns)
        generator->last_time_ns = time_ns;
    return (struct tuid){generator->last_time_ns, generator->next_inc++};
}

int tuid_compare(struct tuid a, struct tuid b)
{
    if (a.time_ns != b.time_ns)
        return a.time_ns < b.time_ns ? -1 : 1;
    if (a.inc != b.inc)
        return a.inc < b.inc ? -1 : 1;
    return 0;
}

static void format_half(uint64_t value, const char *digits, char *text)
{
    for (int i = 15; i >= 0; i--) {
        text[i] = digits[value & 15];
        value >>= 4;
    }
}

void tuid_format(struct tuid id, char text[static TUID_TEXT_SIZE])
{
    format_half(id.time_ns, "0123456789ABCDEF", text);
    format_half(id.inc, "0123456789abcdef", text + 16);
}

/* Returns 0..15, or -1. */
static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int parse_half(const char *text, uint64_t *ret_value)
{
    uint64_t value = 0;

    for (int i = 0; i < 16; i++) {
        int digit = hex_digit(text[i]);

        if (digit < 0)
            return -EBADMSG;
        value = value << 4 | (unsigned int)digit;
    }
    *ret_value = value;
    return 0;
}

int tuid_parse(struct string_view text, struct tuid *ret_id)
{
    struct tuid id;

    if (text.size != TUID_TEXT_SIZE)
        return -EBADMSG;
    if (parse_half(text.data, &id.time_ns) != 0 || parse_half(text.data + 16, &id.inc) != 0)
        return -EBADMSG;
    *ret_id = id;
    return 0;
}

void tuid_to_arrow(struct tuid id, uint8_t bytes[static 16])
{
    uint64_t halves[2] = {htobe64(id.time_ns), htobe64(id.inc)};

    memcpy(bytes, halves, sizeof(halves));
}

struct tuid tuid_from_arrow(const uint8_t bytes[static 16])
{
    uint64_t halves[2];

    memcpy(halves, bytes, sizeof(halves));
    return (struct tuid){be64toh(halves[0]), be64toh(halves[1])};
}
