/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The command line of `test`. */
#include "harness/scenario/test_options.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct test_options options;
static char error_text[512];

/* The words as a shell would split them. */
static int parse(const char *line)
{
    static char copy[1024];
    static char *words[64];
    int n = 1;
    words[0] = (char *)"test";
    strcpy(copy, line);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " ")) {
        words[n++] = word;
    }
    words[n] = NULL;
    return test_options_parse(&options, n, words, error_text, sizeof error_text);
}

Test(test_options, defaults)
{
    cr_assert_eq(parse("a.yaml b"), 0);
    cr_assert_str_eq(options.scenarios[0], "a.yaml");
    cr_assert_str_eq(options.scenarios[1], "b");
    cr_assert(options.n_repeats == 1 && options.n_retries == 0 && options.n_jobs == 0);
    cr_assert(options.has_controls && !options.is_shuffled && !options.is_strict);
    cr_assert_eq(options.github, TEST_GITHUB_AUTO);
}

Test(test_options, all_of_them)
{
    cr_assert_eq(
        parse("-f x --filter y --tag t --programs p -j 3 --repeat 4 --until-fail --retries 5 "
              "--seed 18 --strict --no-control --tap --junit j --json k --github never "
              "--evidence e -v a.yaml"),
        0, "%s", error_text);
    cr_assert(options.filters.n == 2 && options.tags.n == 1 && options.programs.n == 1);
    cr_assert_str_eq(options.filters.words[1], "y");
    cr_assert(options.n_jobs == 3 && options.n_repeats == 4 && options.n_retries == 5);
    cr_assert(options.until_fail && options.is_shuffled && options.has_seed && options.seed == 18);
    cr_assert(options.is_strict && !options.has_controls && options.is_tap && options.is_verbose);
    cr_assert_eq(options.github, TEST_GITHUB_NEVER);
}

Test(test_options, what_is_refused)
{
    static const char *const lines[] = {
        "",
        "-j 0 a",
        "-j 257 a",
        "-j 3x a",
        "--repeat 0 a",
        "--seed -1 a",
        "--github x a",
        "-q -v a",
        "--tap --json - a",
        "--update --repeat 2 a",
        "--nothing a",
        "--junit",
        "-z a",
        "--re 3 a",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        cr_assert_eq(parse(lines[i]), -EINVAL, "%s", lines[i]);
        cr_assert(error_text[0] != '\0');
        error_text[0] = '\0';
    }
    cr_assert_eq(parse("--help"), 0);
}
