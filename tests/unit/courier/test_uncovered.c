/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Programs that the shim did not enter, found in what others said of their pids. */
#include "harness/courier/uncovered.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>

#define EXITED(status) ((status) << 8)

static struct process_table table;
static struct uncovered *found;
static size_t n;
static uint64_t log_offset;

static void make_table(void)
{
    process_table_init(&table);
}

static void free_table(void)
{
    free(found);
    process_table_done(&table);
}

TestSuite(uncovered, .init = make_table, .fini = free_table);

static void apply(uint16_t kind, uint64_t family, uint64_t serial, uint64_t time_ns,
                  const void *payload, size_t size)
{
    struct event event = {.kind = kind, .family = family, .serial = serial, .time_ns = time_ns};

    log_offset += 64;
    cr_assert_eq(process_table_apply(&table, &event, payload, size, log_offset), 0);
}

static void begin(uint64_t family, uint64_t serial, uint32_t pid, uint32_t parent_pid,
                  uint64_t parent_serial, uint32_t made_by, uint64_t time_ns)
{
    struct event_process seen = {pid, parent_pid, parent_serial, time_ns};
    struct record_process_start start = {.pid = pid, .parent_pid = parent_pid, .made_by = made_by};

    apply(EVENT_PROCESS, family, serial, time_ns, &seen, sizeof(seen));
    apply(RECORD_PROCESS_START, family, serial, time_ns, &start, sizeof(start));
}

static void end(uint64_t family, uint64_t serial, uint32_t kind, uint64_t time_ns)
{
    struct record_process_end record = {.kind = kind};

    apply(RECORD_PROCESS_END, family, serial, time_ns, &record, sizeof(record));
}

static void waited(uint16_t kind, uint32_t pid, int32_t status, uint64_t time_ns)
{
    struct record_child_ended record = {pid, status};

    apply(kind, 1, 1, time_ns, &record, sizeof(record));
}

static void foretold(uint64_t family, uint64_t serial, uint32_t pid, uint16_t reason,
                     uint64_t time_ns)
{
    struct record_uncovered record = {.pid = pid, .reason = reason};

    apply(RECORD_UNCOVERED, family, serial, time_ns, &record, sizeof(record));
}

static size_t count(void)
{
    struct process_fate *fates;

    free(found);
    cr_assert_eq(process_fates(&table, 1000, &fates), 0);
    cr_assert_eq(uncovered_find(&table, fates, &found, &n), 0);
    free(fates);
    return n;
}

Test(uncovered, nobody)
{
    cr_assert_eq(count(), 0);
    cr_assert_null(found);
}

Test(uncovered, children_of_which_only_the_end_is_known)
{
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    begin(1, 2, 101, 100, 1, MADE_BY_FORK, 20);
    waited(RECORD_CHILD_ENDED, 101, EXITED(0), 30);
    cr_assert_eq(count(), 0, "a child that told its start");
    waited(RECORD_CHILD_ENDED, 102, EXITED(3), 40);
    waited(EVENT_SUPERVISOR_SAW_END, 103, SIGKILL, 40);
    cr_assert_eq(count(), 2);
    cr_expect(found[0].pid == 102 && found[0].reason == UNCOVERED_UNKNOWN);
    cr_expect(found[0].has_ended && !found[0].by_supervisor && found[0].wait_status == EXITED(3));
    cr_expect_str_eq(found[0].made_by, "unknown");
    cr_expect_eq(found[0].time_ns, 40);
    cr_expect(found[1].pid == 103 && found[1].by_supervisor);
    cr_expect_neq(found[1].wait_offset, UINT64_MAX);
}

Test(uncovered, what_exec_made_of_a_process)
{
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    begin(1, 2, 101, 100, 1, MADE_BY_FORK, 20);
    end(1, 2, END_EXEC, 30);
    waited(RECORD_CHILD_ENDED, 101, EXITED(0), 50);
    cr_assert_eq(count(), 1);
    cr_expect(found[0].image_of != NULL && found[0].image_of->serial == 2);
    cr_expect(found[0].parent != NULL && found[0].parent->serial == 1);
    cr_expect_str_eq(found[0].made_by, "exec");
    cr_expect_eq(found[0].reason, UNCOVERED_UNKNOWN);
    foretold(1, 2, 101, UNCOVERED_STATIC, 31);
    cr_assert_eq(count(), 1);
    cr_expect_eq(found[0].reason, UNCOVERED_STATIC);
    cr_expect(found[0].image_of != NULL && found[0].image_of->serial == 2);
    cr_expect(found[0].has_ended);
    begin(2, 1, 101, 100, 0, MADE_BY_EXEC, 40);
    cr_assert_eq(count(), 0, "it could be entered after all");
}

Test(uncovered, a_vfork_child_that_became_a_program)
{
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    foretold(1, 1, 105, UNCOVERED_STATIC, 20);
    cr_assert_eq(count(), 1);
    cr_expect_not(found[0].has_ended);
    waited(RECORD_CHILD_ENDED, 105, EXITED(0), 30);
    cr_assert_eq(count(), 1);
    cr_expect(found[0].has_ended);
    cr_expect(found[0].parent != NULL && found[0].parent->pid == 100 && !found[0].image_of);
    cr_expect_str_eq(found[0].made_by, "spawn");
    cr_expect_eq(found[0].time_ns, 20);
    cr_expect_neq(found[0].forecast_offset, UINT64_MAX);
}

Test(uncovered, a_vfork_child_that_became_nothing_is_nobody)
{
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    foretold(1, 1, 105, UNCOVERED_NOT, 20);
    waited(RECORD_CHILD_ENDED, 105, EXITED(255), 30);
    cr_assert_eq(count(), 0);
    waited(RECORD_CHILD_ENDED, 105, EXITED(0), 40);
    cr_assert_eq(count(), 1, "the pid's next owner is somebody");
}

Test(uncovered, a_failed_exec_is_taken_back)
{
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    end(1, 1, END_EXEC, 20);
    foretold(1, 1, 100, UNCOVERED_STATIC, 21);
    apply(RECORD_PROCESS_END_CANCELLED, 1, 1, 22, NULL, 0);
    foretold(1, 1, 100, UNCOVERED_NOT, 23);
    end(1, 1, END_EXIT, 30);
    waited(EVENT_SUPERVISOR_SAW_END, 100, EXITED(1), 40);
    cr_assert_eq(count(), 0);
}

Test(uncovered, the_last_forecast_counts)
{
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    foretold(1, 1, 105, UNCOVERED_STATIC, 20);
    foretold(1, 1, 105, UNCOVERED_MACHINE, 21);
    waited(RECORD_CHILD_ENDED, 105, EXITED(0), 30);
    cr_assert_eq(count(), 1);
    cr_expect_eq(found[0].reason, UNCOVERED_MACHINE);
}

Test(uncovered, the_root_by_the_supervisors_word)
{
    foretold(0, 0, 100, UNCOVERED_NO_SHIM, 5);
    foretold(0, 0, 100, UNCOVERED_NO_SHIM, 5); /* the next courier is told again */
    waited(EVENT_SUPERVISOR_SAW_END, 100, EXITED(0), 30);
    waited(EVENT_SUPERVISOR_SAW_END, 100, EXITED(0), 30);
    cr_assert_eq(count(), 1);
    cr_expect_str_eq(found[0].made_by, "run");
    cr_expect_null(found[0].parent);
}

Test(uncovered, every_reason_has_words)
{
    for (int reason = UNCOVERED_STATIC; reason <= UNCOVERED_ACCESS; reason++)
        cr_expect_str_neq(uncovered_reason_text((enum uncovered_reason)reason), "unknown");
    cr_expect_str_eq(uncovered_reason_text((enum uncovered_reason)999), "unknown");
}
