/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What may stand behind --flush, and how much of it. */
#include "harness/flush_words.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct flush_words words;
static const char *fault;

Test(flush_words, joined_by_commas)
{
    static const char *const good[] = {"stdio", "libx.so:f", "_ZN3Log5flushEv", "f@@V1", "a-b:f"};

    cr_expect_str_eq(words.text, "");
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        cr_expect_eq(flush_words_add(&words, good[i], &fault), 0, "%s", good[i]);
    }
    cr_expect_str_eq(words.text, "stdio,libx.so:f,_ZN3Log5flushEv,f@@V1,a-b:f");
}

Test(flush_words, refusals_say_what_is_wrong)
{
    static const struct {
        const char *word, *said;
    } cases[] = {
        {"", "is empty"},
        {"a,b", "comma"},
        {" stdio", "blanks"},
        {"a\tb", "blanks"},
        {"f\xc3\xbc", "blanks"},
        {"a::b", "more than one"},
        {":f", "before or behind"},
        {"lib:", "before or behind"},
        {"/usr/lib/x.so:f", "'/' in LIB"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        cr_expect_eq(flush_words_add(&words, cases[i].word, &fault), -EINVAL, "%s", cases[i].word);
        cr_expect(strstr(fault, cases[i].said) != NULL, "%s: %s", cases[i].word, fault);
    }
    cr_expect_str_eq(words.text, "");
}

Test(flush_words, no_more_than_the_shim_takes)
{
    char long_word[SETTING_FLUSH_SIZE + 2];

    memset(long_word, 'x', sizeof(long_word));
    long_word[SETTING_FLUSH_SIZE] = '\0';
    cr_expect_eq(flush_words_add(&words, long_word, &fault), -E2BIG);
    long_word[SETTING_FLUSH_SIZE - 1] = '\0';
    cr_expect_eq(flush_words_add(&words, long_word, &fault), 0);
    cr_expect_eq(flush_words_add(&words, "y", &fault), -E2BIG);
    words = (struct flush_words){0};
    for (int i = 0; i < SETTING_FLUSH_WORDS; i++) {
        cr_expect_eq(flush_words_add(&words, "stdio", &fault), 0);
    }
    cr_expect_eq(flush_words_add(&words, "stdio", &fault), -E2BIG);
    cr_expect(strstr(fault, "16 of them, and 1024 bytes") != NULL, "%s", fault);
}
