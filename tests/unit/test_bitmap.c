/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Bits against a plain array of booleans, at every alignment. */
#include "harness/wire/bitmap.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BITS 200

Test(bitmap, behaves_as_an_array_of_booleans)
{
    unsigned int seed = 1;

    for (int round = 0; round < 2000; round++) {
        bool model[2 * MAX_BITS];
        uint8_t source[MAX_BITS / 8 + 1];
        uint64_t length = 0;
        struct buffer bits;

        buffer_init(&bits, BUFFER_NO_LIMIT);
        for (int step = 0; step < 6; step++) {
            uint64_t n = (uint64_t)rand_r(&seed) % 20;

            for (size_t i = 0; i < sizeof(source); i++)
                source[i] = (uint8_t)rand_r(&seed);
            if (rand_r(&seed) % 3 == 0) {
                length -= n < length ? n : length;
                bitmap_truncate(&bits, length);
            } else if (rand_r(&seed) % 3 == 0) {
                cr_assert_eq(bitmap_extend(&bits, length + n), 0);
                bitmap_set(bits.data, length, length + n);
                memset(model + length, true, n);
                length += n;
            } else {
                cr_assert_eq(bitmap_append(&bits, length, source, n), 0);
                for (uint64_t i = 0; i < n; i++)
                    model[length + i] = bitmap_get(source, i);
                length += n;
            }
            cr_assert_eq(bits.size, (length + 7) / 8);
            uint64_t zeros = 0;
            for (uint64_t i = 0; i < length; i++) {
                cr_assert_eq(bitmap_get(bits.data, i), model[i], "bit %d", (int)i);
                zeros += !model[i];
            }
            cr_assert_eq(bitmap_count_zeros(bits.data, length), zeros);
            for (uint64_t i = length; i < bits.size * 8; i++)
                cr_assert_not(bitmap_get(bits.data, i), "bit behind the end");
        }
        buffer_done(&bits);
    }
}
