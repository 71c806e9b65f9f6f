/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Who was which program, and as the how-manieth. */
#include "harness/verify/process_programs.h"

#include "harness/verify/process_roles.h"

#include <criterion/criterion.h>
#include <string.h>

static void add(struct recorded_processes *table, const char *name, const char *image_of,
                const char *executable, int64_t began_ns)
{
    size_t index;
    cr_assert_eq(recorded_processes_find(table, string_view_of(name), &index), 0);
    struct recorded_process *process = &table->processes[index];
    process->has_begun = true;
    process->began_ns = began_ns;
    process->image_of = strdup(image_of);
    process->made_by = strdup("fork");
    process->executable = executable != NULL ? strdup(executable) : NULL;
}

/* Not in the order of birth. b was worker twice, with another program between. */
static void make_table(struct recorded_processes *table)
{
    recorded_processes_init(table);
    add(table, "c", "", "/opt/x/worker", 30);
    add(table, "b2", "b1", "worker", 50);
    add(table, "a", "", "/bin/sh", 10);
    add(table, "b", "", "/bin/worker", 20);
    add(table, "b1", "b", "/bin/sh", 40);
    add(table, "d", "", NULL, 5);
    add(table, "e", "", "/", 60);
    cr_assert_eq(process_roles_arrange(table), 0);
}

static bool is_meant(const struct recorded_processes *table, const char *name, const char *text)
{
    struct process_selector selector;
    cr_assert_eq(process_selector_parse(text, &selector), 0, "%s", text);
    uint32_t index = string_pool_find(&table->names, string_view_of(name));
    return process_is_meant(table, index, &selector);
}

Test(process_programs, every_image_counts_and_every_process_once)
{
    struct recorded_processes table;
    make_table(&table);
    cr_assert(is_meant(&table, "b", "program worker"));
    cr_assert(is_meant(&table, "b", "program worker 1"));
    cr_assert(is_meant(&table, "b", "program sh"));
    cr_assert(is_meant(&table, "b", "program sh 2"), "a was born before");
    cr_assert(is_meant(&table, "a", "program sh 1"));
    cr_assert(is_meant(&table, "c", "program worker 2"), "b's two times are one");
    cr_assert_not(is_meant(&table, "c", "program worker 3"));
    cr_assert_not(is_meant(&table, "c", "program sh"));
    cr_assert_not(is_meant(&table, "c", "program work"));
    cr_assert_not(is_meant(&table, "d", "program worker"), "nothing is known of it");
    recorded_processes_done(&table);
}

Test(process_programs, roles_are_asked_for_as_ever)
{
    struct recorded_processes table;
    make_table(&table);
    cr_assert(is_meant(&table, "a", "root"));
    cr_assert_not(is_meant(&table, "a", "child"));
    recorded_processes_done(&table);
}

static const char *program_of(const struct recorded_processes *table, const char *name)
{
    return table->processes[string_pool_find(&table->names, string_view_of(name))].program;
}

/* As the courier writes it: only the first of a family has the executable. */
Test(process_programs, forks_share_the_program_of_their_family)
{
    struct recorded_processes table;
    recorded_processes_init(&table);
    add(&table, "00aa.2", "", "", 20);
    add(&table, "00aa.1", "", "/usr/bin/server", 10);
    add(&table, "00bb.1", "00aa.2", "/usr/bin/worker", 30);
    add(&table, "00bb.2", "", NULL, 40);
    add(&table, "00cc.2", "", "", 50);
    add(&table, "dot", "", "", 60);
    add(&table, "a name that is longer than any name of a family can ever be in a recording.2", "",
        "", 70);
    cr_assert_eq(process_roles_arrange(&table), 0);
    cr_assert_str_eq(program_of(&table, "00aa.2"), "server");
    cr_assert_str_eq(program_of(&table, "00bb.2"), "worker");
    cr_assert_str_eq(program_of(&table, "00cc.2"), "", "its first is not in the recording");
    cr_assert_str_eq(program_of(&table, "dot"), "");
    cr_assert(is_meant(&table, "00aa.2", "program server 2"));
    cr_assert(is_meant(&table, "00aa.2", "program worker 1"));
    cr_assert(is_meant(&table, "00bb.2", "program worker 2"));
    recorded_processes_done(&table);
}

Test(process_programs, the_name_is_what_follows_the_last_slash)
{
    struct recorded_processes table;
    recorded_processes_init(&table);
    add(&table, "a", "", "/usr/bin/a b", 1);
    add(&table, "b", "", "worker", 2);
    add(&table, "c", "", "/", 3);
    cr_assert_eq(process_roles_arrange(&table), 0);
    cr_assert_str_eq(program_of(&table, "a"), "a b");
    cr_assert_str_eq(program_of(&table, "b"), "worker");
    cr_assert_str_eq(program_of(&table, "c"), "");
    recorded_processes_done(&table);
}
