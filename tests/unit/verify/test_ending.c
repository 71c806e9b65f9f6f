/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Endings of processes are read strictly, compared rightly and written in the same words. */
#include "harness/verify/ending.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>

static struct ending ending_of(const char *text)
{
    struct ending ending = {0};
    cr_assert_eq(ending_parse(text, &ending), 0, "%s", text);
    return ending;
}

Test(ending, each_form_is_read)
{
    static const struct {
        const char *text, *by;
        int status;
    } forms[] = {
        {"return", "return", ENDING_ANY_STATUS},
        {"return 3", "return", 3},
        {"exit", "exit", ENDING_ANY_STATUS},
        {"exit 0", "exit", 0},
        {"_exit 255", "_exit", 255},
        {"_Exit 1", "_Exit", 1},
        {"quick_exit 0", "quick_exit", 0},
        {"abort", "abort", ENDING_ANY_STATUS},
        {"exec", "exec", ENDING_ANY_STATUS},
        {"daemon", "daemon", ENDING_ANY_STATUS},
        {"running", "running", ENDING_ANY_STATUS},
        {"SIGKILL", "signal", SIGKILL},
        {"signal SIGSEGV", "signal", SIGSEGV},
        {"signal 9", "signal", 9},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct ending ending = ending_of(forms[i].text);
        cr_assert_str_eq(ending.by, forms[i].by);
        cr_assert_eq(ending.status, forms[i].status, "%s", forms[i].text);
    }
}

Test(ending, everything_else_is_refused)
{
    static const char *const wrong[] = {
        "",        "Exit 0",  "exit0",          "exit 256",  "exit -1",   "exit 0x1", "exit  0",
        "exit 0 ", "abort 1", "exec /bin/true", "SIGFOO",    "SIG",       "KILL",     "sigkill",
        "signal",  "signal ", "signal 0",       "signal 65", "signal 9x", "killed",   "unknown",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct ending ending;
        cr_assert_eq(ending_parse(wrong[i], &ending), -EINVAL, "'%s'", wrong[i]);
    }
}

Test(ending, kind_and_status_must_agree)
{
    struct ending exit_0 = ending_of("exit 0"), any = ending_of("return"),
                  three = ending_of("return 3"), killed = ending_of("SIGKILL");
    cr_assert(ending_matches(&exit_0, "exit", 0));
    cr_assert_not(ending_matches(&exit_0, "exit", 1));
    cr_assert_not(ending_matches(&exit_0, "_exit", 0));
    cr_assert_not(ending_matches(&exit_0, "return", 0));
    cr_assert_not(ending_matches(&exit_0, "unknown", -1));
    cr_assert(ending_matches(&any, "return", 7));
    cr_assert(ending_matches(&three, "return", -1), "a status that nobody knew cannot differ");
    cr_assert_not(ending_matches(&three, "return", 0));
    cr_assert(ending_matches(&killed, "signal", SIGKILL));
    cr_assert_not(ending_matches(&killed, "signal", SIGTERM));
}

Test(ending, abort_is_also_death_by_its_signal)
{
    struct ending aborted = ending_of("abort"), signal = ending_of("SIGABRT"),
                  other = ending_of("SIGKILL");
    cr_assert(ending_matches(&aborted, "abort", 0));
    cr_assert_not(ending_matches(&aborted, "signal", SIGABRT), "nobody called abort()");
    cr_assert(ending_matches(&signal, "abort", 0));
    cr_assert(ending_matches(&signal, "signal", SIGABRT));
    cr_assert_not(ending_matches(&other, "abort", 0));
}

Test(ending, is_written_in_the_words_that_are_read)
{
    static const struct {
        const char *by;
        int64_t status;
        const char *text;
    } cases[] = {
        {"exit", 0, "exit 0"}, {"_exit", 3, "_exit 3"},        {"return", -1, "return"},
        {"abort", 6, "abort"}, {"signal", SIGKILL, "SIGKILL"}, {"signal", 33, "signal 33"},
        {"exec", 0, "exec"},   {"unknown", -1, "unknown"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[ENDING_TEXT_SIZE];
        ending_format(cases[i].by, cases[i].status, text);
        cr_assert_str_eq(text, cases[i].text);
    }
}
