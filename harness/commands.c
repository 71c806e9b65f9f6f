/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table of verbs, and the help that is made from it. It holds no state and decides nothing:
 * what a verb does is in its cmd_*.c.
 */
#include "harness/commands.h"

#include "harness/cmd_deliver.h"
#include "harness/cmd_ps.h"
#include "harness/cmd_run.h"
#include "harness/cmd_sessions.h"
#include "harness/cmd_test.h"
#include "harness/cmd_verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct command commands[] = {
    {"run", "[-o FILE] [--timeout D] [--grace D] [-q] [--] PROG ARGS",
     "runs a program; every row of its processes reaches one recording", cmd_run},
    {"verify", "RECORDING --expect FILE [--show] [-q]",
     "checks that a recording holds exactly what a file expects", cmd_verify},
    {"test", "[-j N] [--junit FILE] [OPTIONS] SCENARIO...",
     "runs scenarios and verifies what their processes logged", cmd_test},
    {"ps", "[--json] [--strict] RECORDING",
     "lists the processes of a recording: how they ended, what arrived, what was not covered",
     cmd_ps},
    {"deliver", "[-o FILE] DIR", "finishes a session that was left behind", cmd_deliver},
    {"sessions", "[--clean]", "lists the sessions that were left behind", cmd_sessions},
    {NULL, NULL, NULL, NULL},
};

const struct command *command_find(const char *name)
{
    for (const struct command *command = commands; command->name != NULL; command++) {
        if (strcmp(command->name, name) == 0) {
            return command;
        }
    }
    return NULL;
}

void commands_print_help(FILE *out)
{
    fputs("lastword delivers every log row to a Rerun recording, however the logging process ends\n"
          "\n"
          "usage: lastword VERB ARGUMENTS\n"
          "       lastword PROG ARGS             the same as lastword run -- PROG ARGS\n"
          "       lastword --help | --version\n",
          out);
    for (const struct command *command = commands; command->name != NULL; command++) {
        fprintf(out, "\n  %s %s\n      %s\n", command->name, command->arguments, command->summary);
    }
}

int command_reserve_streams(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_CLOEXEC) < 0) {
            return -errno;
        }
    }
    return 0;
}

int command_fail(int status, const char *format, ...)
{
    va_list arguments;

    fputs("lastword: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return status;
}

int command_end(int status)
{
    return fflush(stdout) != 0 || ferror(stdout)
               ? command_fail(STATUS_FAULT, "cannot write to standard output: %s", strerror(errno))
               : status;
}
