/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A program that never initialises, exec'd with an empty environment by one that did; or an exec
 * that fails, after which the process goes on.
 *
 *     bare_exec empty|failed
 */
#include <lastword.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int say(const char *what)
{
    rr_error error = {0};

    if (lw_log_text("log", NULL, what, &error))
        return 0;
    fprintf(stderr, "bare_exec: %s\n", error.description);
    return 3;
}

int main(int argc, char **argv)
{
    static char *const nothing[] = {NULL};
    char again[] = "again";
    char *const words[] = {argv[0], again, NULL};

    if (argc == 2 && !strcmp(argv[1], "again"))
        return say("after exec");
    if (argc != 2 || !lw_init(&(struct lw_options){.application_id = "bare_exec"}, NULL))
        return 2;
    say("before exec");
    execve(strcmp(argv[1], "failed") ? argv[0] : "/nowhere", words, nothing);
    return say("after a failed exec");
}
