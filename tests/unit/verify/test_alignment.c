/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Sequences of letters are aligned in as few steps as can be. */
#include "harness/verify/alignment.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct letters {
    const char *expected, *found;
};

/* The same letter fits; in another case it differs; other letters never pair. */
static uint32_t cost(void *context, size_t expected, size_t found)
{
    const struct letters *letters = context;
    char a = letters->expected[expected], b = letters->found[found];
    return a == b ? 0 : tolower(a) == tolower(b) ? 5 : ALIGNMENT_NO_PAIR;
}

static void expect_steps(const char *expected, const char *found, const char *steps)
{
    struct letters letters = {expected, found};
    enum alignment_step list[64];
    char text[64] = "";
    ptrdiff_t n = alignment_find(strlen(expected), strlen(found), cost, &letters, list);
    cr_assert_geq(n, 0);
    for (ptrdiff_t i = 0; i < n; i++) {
        text[i] = "=-+"[list[i]];
    }
    cr_assert_str_eq(text, steps, "'%s' and '%s': %s", expected, found, text);
}

Test(alignment, few_steps_are_found)
{
    expect_steps("", "", "");
    expect_steps("abc", "abc", "===");
    expect_steps("abc", "ac", "=-=");
    expect_steps("ac", "abc", "=+=");
    expect_steps("abc", "aBc", "===");
    expect_steps("abc", "axc", "=-+=");
    expect_steps("ab", "ba", "-=+");
    expect_steps("", "ab", "++");
    expect_steps("ab", "", "--");
    expect_steps("abcdef", "bcxef", "-==-+==");
}

Test(alignment, pairs_are_made_as_early_as_can_be)
{
    expect_steps("a", "aaa", "=++");
    expect_steps("aaa", "a", "=--");
    expect_steps("A", "aa", "=+");
}

static uint32_t always_fits(void *context, size_t expected, size_t found)
{
    (void)context, (void)expected, (void)found;
    return 0;
}

/* Above ALIGNMENT_MAX_CELLS they are walked along, in memory that grows with their sum. */
Test(alignment, large_sequences_are_walked_along)
{
    size_t n_expected = 3000, n_found = 2000;
    enum alignment_step *steps = calloc(n_expected + n_found, sizeof *steps);
    cr_assert(n_expected * n_found > ALIGNMENT_MAX_CELLS);
    cr_assert_eq(alignment_find(n_expected, n_found, always_fits, NULL, steps), 3000);
    cr_assert_eq(steps[0], ALIGNMENT_PAIR);
    cr_assert_eq(steps[1999], ALIGNMENT_PAIR);
    cr_assert_eq(steps[2000], ALIGNMENT_MISSING);
    free(steps);
}
