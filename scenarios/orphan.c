/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Processes whose parent is gone before they log: by a double fork, by daemon(), or since the root
 * itself ended first.
 *
 *     orphan double|daemon|parent_first ENDING
 */
#include "ending.h"

#include <lastword.h>

#include <sys/wait.h>

static void say(const char *what)
{
    if (!lw_log_textf("log", LW_LEVEL_INFO, NULL, "%s, pid %d", what, getpid()))
        _exit(1);
}

/* Until the parent is gone: its end of the pipe is closed then. */
static void outlive(int ends[2])
{
    char byte;

    close(ends[1]);
    (void)!read(ends[0], &byte, 1);
}

int main(int argc, char **argv)
{
    int ends[2];
    pid_t child;

    if (argc != 3 || pipe(ends) < 0)
        return 2;
    if (!lw_init(&(struct lw_options){.application_id = "orphan"}, NULL))
        return 1;
    say("root");
    child = fork();
    if (child == 0 && strcmp(argv[1], "parent_first") != 0) {
        if (!strcmp(argv[1], "daemon")) {
            if (daemon(1, 1) < 0)
                return 1;
        } else if (fork() != 0) {
            _exit(0);
        }
    }
    if (child == 0) {
        outlive(ends);
        say("orphan");
        return end_by(argv[2]);
    }
    return strcmp(argv[1], "parent_first") != 0 && waitpid(child, NULL, 0) != child;
}
