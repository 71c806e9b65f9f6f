/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rerun's ids of chunks and rows: 128 bits that are unique and sort by time.
 */
#pragma once

#include "harness/wire/string_view.h"

#include <stdint.h>

struct tuid {
    uint64_t time_ns; /* since 1970 */
    uint64_t inc;
};

#define TUID_TEXT_SIZE 32

/*
 * A source of strictly growing ids. Not thread-safe; a forked child must init its own, or it
 * repeats the ids of its parent.
 */
struct tuid_generator {
    uint64_t last_time_ns;
    uint64_t next_inc; /* starts at random with the top bit 0, so it never wraps */
};

/* Seeds from the kernel's random numbers. Returns 0, or the negative errno of getrandom(2). */
__attribute__((warn_unused_result)) int tuid_generator_init(struct tuid_generator *generator);

/*
 * Returns the next id. `time_ns` is the wall clock as the caller read it; when it goes back, the id
 * keeps the latest time seen and grows by `inc` alone. Never fails.
 */
struct tuid tuid_next(struct tuid_generator *generator, uint64_t time_ns);

/* Returns < 0, 0 or > 0 as a sorts before, with or after b. */
int tuid_compare(struct tuid a, struct tuid b);

/* Writes the 32 hex digits that Rerun prints (time upper case, inc lower case), unterminated. */
void tuid_format(struct tuid id, char text[static TUID_TEXT_SIZE]);

/* Reads exactly 32 hex digits of either case. Returns 0, or -EBADMSG. */
__attribute__((warn_unused_result)) int tuid_parse(struct string_view text, struct tuid *ret_id);

/* The form inside Arrow columns: 16 bytes, both halves big-endian. */
void tuid_to_arrow(struct tuid id, uint8_t bytes[static 16]);
struct tuid tuid_from_arrow(const uint8_t bytes[static 16]);
