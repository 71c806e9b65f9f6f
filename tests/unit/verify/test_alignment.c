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

/* Digits need not be there, and 5 and above may come again. */
static enum alignment_need need(void *context, size_t expected)
{
    char letter = ((const struct letters *)context)->expected[expected];
    return !isdigit((unsigned char)letter) ? ALIGNMENT_REQUIRED
           : letter < '5'                  ? ALIGNMENT_OPTIONAL
                                           : ALIGNMENT_REPEATABLE;
}

static void expect_steps(const char *expected, const char *found, const char *steps)
{
    struct letters letters = {expected, found};
    enum alignment_step list[64];
    char text[64] = "";
    ptrdiff_t n = alignment_find(&(struct alignment){.n_expected = strlen(expected),
                                                     .n_found = strlen(found),
                                                     .cost = cost,
                                                     .need = need,
                                                     .context = &letters},
                                 list);
    cr_assert_geq(n, 0);
    for (ptrdiff_t i = 0; i < n; i++) {
        text[i] = "=-+*"[list[i]];
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

Test(alignment, what_need_not_be_there_is_no_cost)
{
    expect_steps("a1b", "ab", "=-=");
    expect_steps("a1b", "a1b", "===");
    expect_steps("a1b", "a11b", "==+=");
    expect_steps("a9b", "a999b", "==**=");
    expect_steps("a9b", "ab", "=-=");
    expect_steps("a9b", "a9x9b", "==+*=");
    expect_steps("99a", "9999", "=***--");
    expect_steps("1", "xx", "-++");
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
    cr_assert_eq(
        alignment_find(&(struct alignment){n_expected, n_found, always_fits, NULL, NULL}, steps),
        3000);
    cr_assert_eq(steps[0], ALIGNMENT_PAIR);
    cr_assert_eq(steps[1999], ALIGNMENT_PAIR);
    cr_assert_eq(steps[2000], ALIGNMENT_MISSING);
    free(steps);
}

/* The letters of a large one: what may come again takes all that fits, and no more. */
Test(alignment, walking_along_knows_what_need_not_be_there)
{
    size_t n = 1100000;
    char *found = malloc(n + 1);
    memset(found, '9', n);
    strcpy(found + n - 1, "b");
    struct letters letters = {"19b", found};
    enum alignment_step *steps = calloc(n + 3, sizeof *steps);
    struct alignment alignment = {3, n, cost, need, &letters};
    cr_assert_eq(alignment_find(&alignment, steps), (ptrdiff_t)n + 1);
    cr_assert_eq(steps[0], ALIGNMENT_MISSING);
    cr_assert_eq(steps[1], ALIGNMENT_PAIR);
    cr_assert_eq(steps[2], ALIGNMENT_AGAIN);
    cr_assert_eq(steps[n], ALIGNMENT_PAIR);
    free(steps);
    free(found);
}
