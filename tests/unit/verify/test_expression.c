/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Regular expressions fit whole texts, in bounded time, and what could be unbounded is refused. */
#include "harness/verify/expression.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool fits_view(const char *source, struct string_view text)
{
    struct expression expression;
    char fault[EXPRESSION_FAULT_SIZE] = "";
    cr_assert_eq(expression_compile(&expression, source, fault), 0, "%s: %s", source, fault);
    bool result = expression_matches(&expression, text);
    expression_done(&expression);
    return result;
}

static bool fits(const char *source, const char *text)
{
    return fits_view(source, string_view_of(text));
}

Test(expression, the_whole_text_must_fit)
{
    cr_assert(fits("step [0-9]+", "step 17"));
    cr_assert_not(fits("step [0-9]+", "step 17 "));
    cr_assert_not(fits("step [0-9]+", "a step 17"));
    cr_assert(fits(".*step [0-9]+.*", "a step 17 "));
    cr_assert(fits("a|b", "b"), "the alternatives are inside the anchors");
    cr_assert_not(fits("a|b", "ab"));
    cr_assert(fits("^a$", "a"));
    cr_assert(fits("a?", ""));
}

Test(expression, a_text_ends_neither_at_a_line_nor_at_nul)
{
    cr_assert(fits("a.b", "a\nb"));
    cr_assert_not(fits("a", "a\nb"));
    cr_assert(fits_view("a[^x]b", (struct string_view){"a\0b", 3}));
    cr_assert_not(fits_view("a", (struct string_view){"a\0b", 3}));
}

/* Criterion runs in the C locale, where each byte would be a character. */
Test(expression, characters_are_those_of_utf8)
{
    cr_assert(fits("gr.n", "gr\xc3\xbcn"));
    cr_assert(fits("gr[\xc3\xbc\xc3\xb6]n", "gr\xc3\xbcn"));
    cr_assert_not(fits("gr[\xc3\xbc\xc3\xb6]n", "gr\xc3n"));
}

Test(expression, repetition_inside_repetition_is_fine_unless_it_counts)
{
    cr_assert(fits("([a-z]+,)*[a-z]+", "a,bc,d"));
    cr_assert(fits("(a*b){3}", "aabbab"));
    cr_assert(fits("([0-9]{1,3}\\.)+[0-9]{1,3}", "127.0.0.1"));
    cr_assert(fits("[]{}]\\{(9)", "]{9"), "braces in brackets and behind \\ count nothing");
    cr_assert(fits("[[:digit:]{}]", "}"));
}

static void expect_fault(const char *source, const char *expected)
{
    struct expression expression;
    char fault[EXPRESSION_FAULT_SIZE] = "";
    cr_assert_eq(expression_compile(&expression, source, fault), -EINVAL, "%s", source);
    cr_assert_str_eq(fault, expected);
}

Test(expression, what_has_no_bound_is_refused)
{
    static const char nested[] = "a counted repetition of a counted repetition can grow beyond all "
                                 "bounds; write it out";
    static const char many[] = "the repetitions in braces come to more than 255";
    char longest[EXPRESSION_MAX_SIZE + 2];
    memset(longest, 'a', sizeof longest);
    longest[EXPRESSION_MAX_SIZE + 1] = '\0';
    expect_fault(longest, "longer than 256 bytes");
    expect_fault("(a)\\1", "back-references (\\1) are not allowed: they can take forever");
    expect_fault("(a{2}b){2}", nested);
    expect_fault("((a{2})b*){2}", nested);
    expect_fault("a{2}{2}", nested);
    expect_fault("a{2}*{2}", nested);
    expect_fault("a{256}", many);
    expect_fault("a{2,256}", many);
    expect_fault("a{200}b{56}", many);
    expect_fault("a{99999999999999999999}", many);
    longest[EXPRESSION_MAX_SIZE] = '\0';
    cr_assert(fits(longest, longest));
}

Test(expression, what_is_no_expression_is_refused)
{
    expect_fault("(a", "no POSIX extended regular expression: Unmatched ( or \\(");
    expect_fault("a)|(b", "a ')' without its '('; write \\) for the character itself");
    cr_assert(fits("a\\)|[)]", "a)"));
    expect_fault("[a", "no POSIX extended regular expression: Unmatched [, [^, [:, [., or [=");
    expect_fault("[[:nope:]]",
                 "no POSIX extended regular expression: Invalid character class name");
    expect_fault("a\\", "no POSIX extended regular expression: Trailing backslash");
    expect_fault("a{2", "no POSIX extended regular expression: Unmatched \\{");
}

/* The worst that is known, over and over: without its bounds each took half a minute and 200 MiB.
 */
Test(expression, the_worst_ends_soon, .timeout = 60)
{
    struct expression expression;
    char fault[EXPRESSION_FAULT_SIZE] = "", *text = malloc(EXPRESSION_MAX_TEXT + 1);
    cr_assert_eq(expression_compile(&expression, ".*a.{32}", fault), 0);
    unsigned state = 1;
    for (size_t i = 0; i <= EXPRESSION_MAX_TEXT; i++) {
        state = state * 1103515245 + 12345;
        text[i] = "ab"[state >> 16 & 1];
    }
    for (int i = 0; i < 4; i++) {
        (void)expression_matches(&expression, (struct string_view){text, EXPRESSION_MAX_TEXT});
        cr_assert_leq(expression.n_bytes, 2 * EXPRESSION_MAX_TEXT);
    }
    memset(text, 'a', EXPRESSION_MAX_TEXT + 1);
    cr_assert(expression_matches(&expression, (struct string_view){text, EXPRESSION_MAX_TEXT}));
    cr_assert_not(
        expression_matches(&expression, (struct string_view){text, EXPRESSION_MAX_TEXT + 1}),
        "longer texts do not fit");
    expression_done(&expression);
    free(text);
}

Test(expression, nothing_to_free_is_fine)
{
    expression_done(NULL);
    expression_done(&(struct expression){0});
}
