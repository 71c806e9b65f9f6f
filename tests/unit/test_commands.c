/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The table of verbs: each entry is whole, is found by its name, and is told of by the help. */
#include "harness/commands.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(commands, each_entry_is_whole_and_found)
{
    for (const struct command *command = commands; command->name != NULL; command++) {
        cr_assert(command->arguments != NULL && command->summary != NULL && command->run != NULL);
        cr_assert(command_find(command->name) == command, "%s is listed twice", command->name);
    }
}

Test(commands, an_unknown_verb_is_not_found)
{
    cr_assert(command_find("no-such-verb") == NULL);
    cr_assert(command_find("") == NULL);
}

Test(commands, help_names_each_verb)
{
    char *text = NULL;
    size_t size_bytes = 0;
    FILE *out = open_memstream(&text, &size_bytes);
    cr_assert(out != NULL);
    commands_print_help(out);
    fclose(out);
    cr_assert(strstr(text, "usage: lastword") != NULL);
    for (const struct command *command = commands; command->name != NULL; command++) {
        cr_assert(strstr(text, command->summary) != NULL, "no help for %s", command->name);
    }
    free(text);
}
