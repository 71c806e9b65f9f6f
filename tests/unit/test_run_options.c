/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The command line of run: every option, and a clear refusal of what it does not understand. */
#include "harness/supervise/run_options.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct run_options options;
static char error_text[256];

/* The options point into the words, which here outlive the macro's own. */
static int parse(char *const *given)
{
    static char *words[32];
    int argc = 0;

    for (; given[argc] != NULL; argc++) {
        cr_assert(argc + 1 < (int)(sizeof(words) / sizeof(words[0])));
        words[argc] = given[argc];
    }
    words[argc] = NULL;
    *error_text = '\0';
    return run_options_parse(&options, argc, words, error_text, sizeof(error_text));
}
#define PARSE(...) parse((char *const[]){"run", __VA_ARGS__, NULL})

Test(run_options, defaults)
{
    cr_assert_eq(PARSE("prog", "-o", "its-own"), 0, "%s", error_text);
    cr_expect_null(options.output);
    cr_expect_null(options.recording_id);
    cr_expect_eq(options.timeout_ms, 0);
    cr_expect_eq(options.grace_ms, 10000);
    cr_expect(options.record_args && options.subreaper && !options.quiet && !options.help);
    cr_expect_str_eq(options.flush.text, "");
    cr_expect_str_eq(options.program[0], "prog");
    cr_expect_str_eq(options.program[1], "-o");
}

Test(run_options, every_option)
{
    cr_assert_eq(PARSE("-q", "-o", "m.rrd", "--recording-id", "r", "--timeout=2m", "--grace", "0s",
                       "--no-args", "--no-subreaper", "--flush", "stdio", "--flush=libx:f", "--",
                       "-prog", "--help"),
                 0, "%s", error_text);
    cr_expect_str_eq(options.output, "m.rrd");
    cr_expect_str_eq(options.recording_id, "r");
    cr_expect_eq(options.timeout_ms, 120000);
    cr_expect_eq(options.grace_ms, 0);
    cr_expect_str_eq(options.flush.text, "stdio,libx:f");
    cr_expect(!options.record_args && !options.subreaper && options.quiet && !options.help);
    cr_expect_str_eq(options.program[0], "-prog");
}

Test(run_options, help_needs_no_program)
{
    cr_expect_eq(PARSE("--help"), 0);
    cr_expect(options.help);
}

static void expect_refusal(const char *wanted, int rc)
{
    cr_expect_eq(rc, -EINVAL);
    cr_expect_not_null(strstr(error_text, wanted), "'%s' is not in '%s'", wanted, error_text);
}

Test(run_options, refusals_name_the_word)
{
    expect_refusal("no program is named", PARSE("-q"));
    expect_refusal("no program is named", PARSE("--"));
    expect_refusal("'-x' is no option", PARSE("-x", "prog"));
    expect_refusal("'--frob' is no option", PARSE("--frob", "prog"));
    expect_refusal("'--no' is no option", PARSE("--no", "prog"));
    expect_refusal("'-o' needs an argument", PARSE("-o"));
    expect_refusal("--timeout '10'", PARSE("--timeout", "10", "prog"));
    expect_refusal("--grace 9000h: longer than a year", PARSE("--grace", "9000h", "prog"));
    expect_refusal("--flush '' is empty", PARSE("--flush", "", "prog"));
    expect_refusal("--flush 'a,b' has a comma", PARSE("--flush", "a,b", "prog"));
    expect_refusal("'--flush' needs an argument", PARSE("--flush"));
    expect_refusal("--recording-id", PARSE("--recording-id", "", "prog"));
    expect_refusal("--recording-id", PARSE("--recording-id", "a\nb", "prog"));
}

Test(run_options, strict_and_its_exit_status)
{
    cr_assert_eq(PARSE("prog"), 0);
    cr_expect_eq(options.strict_status, 0);
    cr_assert_eq(PARSE("--strict", "prog"), 0);
    cr_expect_eq(options.strict_status, 125);
    cr_assert_eq(PARSE("--error-exitcode", "9", "--strict", "prog"), 0);
    cr_expect_eq(options.strict_status, 9);
    cr_assert_eq(PARSE("--error-exitcode=255", "prog"), 0);
    cr_expect_eq(options.strict_status, 255);
}

Test(run_options, an_exit_status_is_a_number)
{
    char *const odd[] = {"0", "256", "-1", "+3", "", " 3", "3x", "99999999999999999999"};

    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        cr_expect_eq(PARSE("--error-exitcode", odd[i], "prog"), -EINVAL, "%s", odd[i]);
        cr_expect_not_null(strstr(error_text, "1 to 255"));
    }
}
