/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a parent learns of its child's end is told once, and it still learns it. */
#include "tests/shim/driver.h"

#include <stdio.h>

static void check_wait(const char *const *args, const char *words)
{
    char lives[512];

    snprintf(lives, sizeof(lives),
             "1.1 exec: cases %s\n1.1 child 1.2 exited 3\n1.1 ended return\n"
             "1.2 fork of 1.1\n1.2 ended _exit 3\n",
             words);
    check_case(args, EXITED(0), lives);
}

Test(wait, each_function_with_a_status_and_without)
{
    static const char *const names[] = {"wait", "waitpid", "wait3", "wait4"};

    for (size_t i = 0; i < 4; i++) {
        char words[64];

        snprintf(words, sizeof(words), "wait_by %s", names[i]);
        check_wait(ARGS("wait_by", names[i]), words);
        snprintf(words, sizeof(words), "wait_by %s -", names[i]);
        check_wait(ARGS("wait_by", names[i], "-"), words);
    }
}

Test(wait, waitid_tells_only_what_it_takes)
{
    check_wait(ARGS("waitid"), "waitid");
    check_wait(ARGS("waitid", "-"), "waitid -");
}

Test(wait, stops_are_no_ends)
{
    check_case(ARGS("stopped"), EXITED(0),
               "1.1 exec: cases stopped\n"
               "1.1 child 1.2 killed 9\n"
               "1.1 ended return\n"
               "1.2 fork of 1.1\n");
    check_case(ARGS("waitid_stopped"), EXITED(0),
               "1.1 exec: cases waitid_stopped\n"
               "1.1 child 1.2 killed 15\n"
               "1.1 ended return\n"
               "1.2 fork of 1.1\n");
}
