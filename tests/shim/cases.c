/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See cases.h. */
#include "tests/shim/cases.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

char *self;

void check(int condition, const char *text, int line)
{
    if (condition)
        return;
    dprintf(2, "cases:%d: not so: %s\n", line, text);
    _exit(90);
}

void reap(int pid, int status)
{
    int found = 0;

    CHECK(pid > 0);
    CHECK(waitpid(pid, &found, 0) == pid);
    CHECK(WIFEXITED(found) && WEXITSTATUS(found) == status);
}

int main(int argc, char **argv)
{
    const struct shim_case *const lists[] = {start_cases, end_cases,   exec_cases,   wait_cases,
                                             guest_cases, flush_cases, stream_cases, signal_cases};

    self = argv[0];
    for (size_t i = 0; argc > 1 && i < sizeof(lists) / sizeof(*lists); i++) {
        for (const struct shim_case *one = lists[i]; one->name; one++) {
            if (strcmp(one->name, argv[1]) == 0)
                return one->run(argv + 2);
        }
    }
    dprintf(2, "cases: no such case\n");
    return 91;
}
