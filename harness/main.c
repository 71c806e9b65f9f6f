/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Entry of the command `lastword`: finds the verb and hands the rest of the command line to it.
 * Nothing else happens here; a verb owns its options, its output and its exit status.
 */
#include "harness/commands.h"

#include <stdio.h>
#include <string.h>

static int print_help(void)
{
    commands_print_help(stdout);
    return command_end(STATUS_OK);
}

static int print_version(void)
{
    puts("lastword " LASTWORD_VERSION);
    return command_end(STATUS_OK);
}

static int refuse(const char *word)
{
    fprintf(stderr, "lastword: unknown verb or option '%s'; `lastword --help` lists them\n", word);
    return STATUS_USAGE;
}

/* `lastword PROG ARGS` is short for `lastword run PROG ARGS`: argv[0] takes the verb's place. */
static int run_program(int argc, char **argv)
{
    const struct command *run = command_find("run");
    return run != NULL ? run->run(argc, argv) : refuse(argv[1]);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        commands_print_help(stderr);
        return STATUS_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        return print_help();
    }
    if (strcmp(word, "--version") == 0) {
        return print_version();
    }
    const struct command *command = command_find(word);
    if (command != NULL) {
        return command->run(argc - 1, argv + 1);
    }
    return word[0] == '-' && strcmp(word, "--") != 0 ? refuse(word) : run_program(argc, argv);
}
