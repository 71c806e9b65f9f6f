/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Roles, births and images, for families that are whole and for tables that make no sense. */
#include "harness/verify/process_roles.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct recorded_process *add(struct recorded_processes *table, const char *name,
                                    const char *parent, const char *image_of, int64_t began_ns)
{
    size_t index;
    cr_assert_eq(recorded_processes_find(table, string_view_of(name), &index), 0);
    struct recorded_process *process = &table->processes[index];
    process->has_begun = true;
    process->began_ns = began_ns;
    process->parent = strdup(parent);
    process->image_of = strdup(image_of);
    process->made_by = strdup("fork");
    process->executable = strdup("");
    return process;
}

static void set_run(struct recorded_process *process)
{
    free(process->made_by);
    process->made_by = strdup("run");
}

static void expect_role(const struct recorded_processes *table, const char *name,
                        enum process_role role, unsigned birth)
{
    uint32_t index = string_pool_find(&table->names, string_view_of(name));
    const struct recorded_process *process = &table->processes[index];
    cr_assert_eq(process->role, role, "%s is a %s", name, process_role_name(process->role));
    cr_assert_eq(process->birth, birth, "%s is number %u", name, process->birth);
}

Test(process_roles, a_family)
{
    struct recorded_processes table;
    recorded_processes_init(&table);
    /* Not in the order of birth; the third child execs twice and has a child after that. */
    add(&table, "c2", "r", "", 30);
    add(&table, "g1", "c2", "", 50);
    set_run(add(&table, "r", "", "", 10));
    add(&table, "c1", "r", "", 20);
    add(&table, "c3b", "r", "c3a", 70);
    add(&table, "c3", "r", "", 40);
    add(&table, "c3a", "r", "c3", 60);
    add(&table, "g2", "c3b", "", 80);
    add(&table, "gg", "g1", "", 90);
    add(&table, "stray", "", "", 5);
    cr_assert_eq(process_roles_arrange(&table), 0);
    expect_role(&table, "r", ROLE_ROOT, 1);
    expect_role(&table, "c1", ROLE_CHILD, 1);
    expect_role(&table, "c2", ROLE_CHILD, 2);
    expect_role(&table, "c3", ROLE_CHILD, 3);
    expect_role(&table, "c3a", ROLE_CHILD, 0);
    expect_role(&table, "c3b", ROLE_CHILD, 0);
    expect_role(&table, "g1", ROLE_GRANDCHILD, 1);
    expect_role(&table, "g2", ROLE_GRANDCHILD, 2);
    expect_role(&table, "gg", ROLE_GRANDCHILD, 3);
    expect_role(&table, "stray", ROLE_UNKNOWN, 1);
    cr_assert_eq(table.n_heads, 8);
    uint32_t c3 = string_pool_find(&table.names, string_view_of("c3"));
    cr_assert_str_eq(recorded_processes_last_image(&table, c3)->name, "c3b");
    uint32_t g2 = string_pool_find(&table.names, string_view_of("g2"));
    cr_assert_eq(table.processes[g2].parent_index, c3);
    recorded_processes_done(&table);
}

Test(process_roles, without_run_the_root_is_who_has_no_parent)
{
    struct recorded_processes table;
    recorded_processes_init(&table);
    add(&table, "a", "", "", 1);
    add(&table, "b", "a", "", 2);
    add(&table, "c", "gone", "", 3);
    cr_assert_eq(process_roles_arrange(&table), 0);
    expect_role(&table, "a", ROLE_ROOT, 1);
    expect_role(&table, "b", ROLE_CHILD, 1);
    expect_role(&table, "c", ROLE_ROOT, 2);
    recorded_processes_done(&table);
}

Test(process_roles, one_process_of_which_nothing_is_known_is_the_root)
{
    struct recorded_processes table;
    size_t index;
    recorded_processes_init(&table);
    cr_assert_eq(recorded_processes_find(&table, string_view_of(""), &index), 0);
    cr_assert_eq(process_roles_arrange(&table), 0);
    expect_role(&table, "", ROLE_ROOT, 1);
    recorded_processes_done(&table);
}

/* Rows that name no process, in a recording that knows some, are nobody's. */
Test(process_roles, others_of_which_nothing_is_known_are_not)
{
    struct recorded_processes table;
    size_t index;
    recorded_processes_init(&table);
    add(&table, "a", "", "", 1);
    cr_assert_eq(recorded_processes_find(&table, string_view_of(""), &index), 0);
    cr_assert_eq(process_roles_arrange(&table), 0);
    expect_role(&table, "a", ROLE_ROOT, 1);
    expect_role(&table, "", ROLE_UNKNOWN, 1);
    recorded_processes_done(&table);
}

/*
 * Without the shim, times are those of the first row, and of spawned children those of their image:
 * the second child may have been first.
 */
static void expect_order_of_pids(const char *made_by)
{
    struct recorded_processes table;
    recorded_processes_init(&table);
    add(&table, "a", "", "", 1);
    add(&table, "b", "a", "", 20);
    add(&table, "c", "a", "", 10);
    for (size_t i = 0; i < table.n; i++) {
        free(table.processes[i].made_by);
        table.processes[i].made_by = strdup(made_by);
        table.processes[i].pid = 100 + (int64_t)i;
    }
    cr_assert_eq(process_roles_arrange(&table), 0);
    expect_role(&table, "b", ROLE_CHILD, 1);
    expect_role(&table, "c", ROLE_CHILD, 2);
    recorded_processes_done(&table);
}

Test(process_roles, births_that_nobody_saw_are_in_the_order_of_pids)
{
    expect_order_of_pids("unknown");
    expect_order_of_pids("spawn");
}

Test(process_roles, circles_and_crossings_are_not_believed)
{
    struct recorded_processes table;
    recorded_processes_init(&table);
    set_run(add(&table, "r", "a", "", 1)); /* its own grandchild's child */
    add(&table, "a", "r", "", 2);
    add(&table, "x", "y", "", 3); /* parents of each other */
    add(&table, "y", "x", "", 4);
    add(&table, "z", "z", "", 5);  /* its own parent */
    add(&table, "i", "r", "j", 6); /* images of each other */
    add(&table, "j", "r", "i", 7);
    add(&table, "k", "r", "k", 8); /* its own image */
    add(&table, "l", "r", "a", 9); /* two images of one */
    add(&table, "m", "r", "a", 10);
    cr_assert_eq(process_roles_arrange(&table), 0);
    expect_role(&table, "r", ROLE_ROOT, 1);
    expect_role(&table, "a", ROLE_CHILD, 1);
    expect_role(&table, "x", ROLE_UNKNOWN, 1);
    expect_role(&table, "y", ROLE_UNKNOWN, 2);
    expect_role(&table, "z", ROLE_UNKNOWN, 3);
    expect_role(&table, "i", ROLE_CHILD, 2);
    expect_role(&table, "j", ROLE_CHILD, 3);
    expect_role(&table, "k", ROLE_CHILD, 4);
    expect_role(&table, "l", ROLE_CHILD, 0);
    expect_role(&table, "m", ROLE_CHILD, 5);
    recorded_processes_done(&table);
}

/* A thousand generations, and a circle at the end of a long way, in a time that can be measured. */
Test(process_roles, long_chains_take_no_long_time, .timeout = 20)
{
    enum { N = 50000 };
    struct recorded_processes table;
    char name[16], before[16] = "";
    recorded_processes_init(&table);
    for (int i = N; i > 0; i--) {
        snprintf(name, sizeof name, "p%d", i);
        snprintf(before, sizeof before, "p%d", i == 1 ? N : i - 1);
        add(&table, name, before, before, i);
    }
    cr_assert_eq(process_roles_arrange(&table), 0);
    expect_role(&table, "p1", ROLE_UNKNOWN, 1);
    recorded_processes_done(&table);

    recorded_processes_init(&table);
    for (int i = N; i > 0; i--) {
        snprintf(name, sizeof name, "p%d", i);
        snprintf(before, sizeof before, "p%d", i - 1);
        add(&table, name, before, "", i);
    }
    cr_assert_eq(process_roles_arrange(&table), 0);
    expect_role(&table, "p1", ROLE_ROOT, 1);
    expect_role(&table, "p50000", ROLE_GRANDCHILD, N - 2);
    recorded_processes_done(&table);
}
