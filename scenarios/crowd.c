/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * 50 children at once and a chain of 5, each forked by the one before; all log and end the same
 * way.
 *
 *     crowd wide|deep ENDING
 */
#include "ending.h"

#include <lastword.h>

#include <sys/wait.h>

static void say(const char *what, int number)
{
    if (!lw_log_textf("log", LW_LEVEL_INFO, NULL, "%s %d, pid %d", what, number, getpid()))
        _exit(1);
}

static int wide(const char *end)
{
    for (int i = 1; i <= 50; i++) {
        if (fork() == 0) {
            say("child", i);
            return end_by(end);
        }
    }
    while (wait(NULL) > 0)
        continue;
    return 0;
}

static int deep(const char *end)
{
    for (int depth = 1; depth <= 5; depth++) {
        pid_t child = fork();

        if (child != 0) {
            waitpid(child, NULL, 0);
            return depth > 1 ? end_by(end) : 0;
        }
        say("depth", depth);
    }
    return end_by(end);
}

int main(int argc, char **argv)
{
    if (argc != 3 || !lw_init(&(struct lw_options){.application_id = "crowd"}, NULL))
        return 2;
    say("root", 0);
    return strcmp(argv[1], "wide") == 0 ? wide(argv[2]) : deep(argv[2]);
}
