/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Logs rows that wait in its memory, and ends:
 *
 *     queued "_exit 3"            two rows
 *     queued "_exit 3" child      one, and one in each of two children that end the same way
 */
#include "scenarios/ending.h"

#include <lastword.h>

#include <sys/wait.h>

static void say(const char *what)
{
    rr_error error = {0};

    if (!lw_log_textf("log", LW_LEVEL_INFO, &error, "%s, pid %d", what, getpid())) {
        fprintf(stderr, "queued: %s\n", error.description);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2 || !lw_init(&(struct lw_options){.application_id = "queued"}, NULL))
        return 2;
    say("first");
    for (int i = 0; argc == 3 && i < 2; i++) {
        if (fork() == 0) {
            say("child");
            return end_by(argv[1]);
        }
    }
    while (wait(NULL) > 0) {
    }
    if (!strcmp(argv[1], "failed exec")) {
        execl("/nowhere", "x", NULL);
        say("after a failed exec");
        _exit(3);
    }
    if (argc == 2)
        say("second");
    return end_by(argv[1]);
}
