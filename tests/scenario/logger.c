/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Logs each of its arguments as a line of text, in this process, and then becomes the program
 * behind
 * "--", if there is one.
 */
#include <lastword.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    rr_error error = {0};

    (void)argc;
    if (!lw_init(&(struct lw_options){.application_id = "logger"}, &error)) {
        fprintf(stderr, "logger: %s\n", error.description);
        return 3;
    }
    for (argv++; *argv && strcmp(*argv, "--") != 0; argv++)
        lw_log_text("log", LW_LEVEL_INFO, *argv, NULL);
    if (*argv && argv[1])
        execvp(argv[1], argv + 1);
    return 0;
}
