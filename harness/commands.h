/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef LASTWORD_HARNESS_COMMANDS_H
#define LASTWORD_HARNESS_COMMANDS_H

#include <stdio.h>

/* Exit statuses that are lastword's own; `run` otherwise ends as its program did. */
enum lastword_status {
    STATUS_OK = 0,
    STATUS_FAIL = 1,         /* verify: the recording is not as expected */
    STATUS_USAGE = 2,        /* the command line cannot be understood */
    STATUS_SKIPPED = 77,     /* test: every case was skipped */
    STATUS_TIMEOUT = 124,    /* run: --timeout passed */
    STATUS_FAULT = 125,      /* lastword itself failed, or could not judge */
    STATUS_CANNOT_RUN = 126, /* run: the program exists, but cannot be executed */
    STATUS_NOT_FOUND = 127,  /* run: no such program */
};

/*
 * One verb of the command line. Each lives in a file cmd_NAME.c, which alone prints, and is listed
 * once, in commands.c.
 */
struct command {
    const char *name;
    const char *arguments; /* the usage after the name: "[-o FILE] -- PROG ARGS" */
    const char *summary;   /* one line, lower case, without a full stop */

    /*
     * Runs the verb. argv[0] is the verb's name and argv[argc] NULL, as main() gets them; the verb
     * parses its own options and answers --help. Returns the exit status of lastword.
     */
    int (*run)(int argc, char **argv);
};

/* All verbs, in the order in which --help shows them; ended by an entry whose name is NULL. */
extern const struct command commands[];

/* Returns the verb called `name`, or NULL when there is none. */
const struct command *command_find(const char *name);

/* Writes the usage of the whole command, with one line for each verb, to `out`. */
void commands_print_help(FILE *out);

/*
 * Opens /dev/null, close-on-exec, as each standard stream that is closed: its number would be given
 * to one of our descriptors, and written to by mistake. Returns 0 or the errno of open(2).
 */
__attribute__((warn_unused_result)) int command_reserve_streams(void);

/*
 * Prints "lastword: " and the message as one line to standard error, and returns `status`, so that
 * a verb can say `return command_fail(...)`. For verbs only: modules report errors, they do not
 * print.
 */
__attribute__((format(printf, 2, 3))) int command_fail(int status, const char *format, ...);

#endif

/*
 * Flushes standard output before a verb ends by `status`, and returns that. A pipe that nobody
 * reads, or a full disk, must not look like success: then STATUS_FAULT, and it has been printed.
 */
int command_end(int status);
