/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How processes ended and who they came from, told from events in any mixture. */
#include "harness/courier/process_fate.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

static struct process_table table;
static struct process_fate *fates;

static void make_table(void)
{
    process_table_init(&table);
}

static void free_table(void)
{
    free(fates);
    process_table_done(&table);
}

TestSuite(process_fate, .init = make_table, .fini = free_table);

static void apply(uint16_t kind, uint64_t family, uint64_t serial, uint64_t time_ns,
                  const void *payload, size_t size)
{
    struct event event = {.kind = kind, .family = family, .serial = serial, .time_ns = time_ns};

    cr_assert_eq(process_table_apply(&table, &event, payload, size, 0), 0);
}

static void begin(uint64_t family, uint64_t serial, uint32_t pid, uint32_t parent_pid,
                  uint64_t parent_serial, uint32_t made_by, uint64_t time_ns)
{
    struct event_process seen = {pid, parent_pid, parent_serial, time_ns};
    struct record_process_start start = {.pid = pid, .parent_pid = parent_pid, .made_by = made_by};

    apply(EVENT_PROCESS, family, serial, time_ns, &seen, sizeof(seen));
    apply(RECORD_PROCESS_START, family, serial, time_ns, &start, sizeof(start));
}

static void end(uint64_t family, uint64_t serial, uint32_t kind, int32_t status, uint64_t time_ns)
{
    struct record_process_end record = {.kind = kind, .status = status};

    apply(RECORD_PROCESS_END, family, serial, time_ns, &record, sizeof(record));
}

static void waited(uint16_t kind, uint32_t pid, int32_t status, uint64_t time_ns)
{
    struct record_child_ended record = {pid, status};

    apply(kind, 1, 1, time_ns, &record, sizeof(record));
}

static const struct process_fate *fate_of(uint64_t family, uint64_t serial)
{
    free(fates);
    cr_assert_eq(process_fates(&table, 1000, &fates), 0);
    for (size_t i = 0; i < table.n; i++) {
        if (fates[i].process->family == family && fates[i].process->serial == serial)
            return &fates[i];
    }
    cr_assert_fail("no such process");
    return NULL;
}

#define assert_ended(fate, by, value, witness)                                                     \
    do {                                                                                           \
        const struct process_fate *fate_ = (fate);                                                 \
        cr_assert_str_eq(fate_->ended_by, (by));                                                   \
        cr_assert_eq(fate_->status, (value), "status %ld", fate_->status);                         \
        cr_assert_str_eq(fate_->seen_by, (witness));                                               \
    } while (0)

#define EXITED(code)     ((code) << 8)
#define SIGNALED(number) (number)

Test(process_fate, its_own_word_counts)
{
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    end(1, 1, END__EXIT, 3, 20);
    assert_ended(fate_of(1, 1), "_exit", 3, "process");
    cr_assert_eq(fate_of(1, 1)->end_ns, 20);
    cr_assert_not(fate_of(1, 1)->is_bad);
}

Test(process_fate, the_last_word_counts_and_a_cancelled_one_does_not)
{
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    end(1, 1, END_EXIT, 0, 20);
    end(1, 1, END__EXIT, 9, 21);
    assert_ended(fate_of(1, 1), "_exit", 9, "process");
    end(1, 1, END_EXEC, 0, 30);
    apply(RECORD_PROCESS_END_CANCELLED, 1, 1, 31, NULL, 0);
    assert_ended(fate_of(1, 1), "running", -1, "nobody");
}

Test(process_fate, a_return_gets_its_status_from_who_waited)
{
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    end(1, 1, END_RETURN, 0, 20);
    assert_ended(fate_of(1, 1), "return", -1, "process");
    waited(EVENT_SUPERVISOR_SAW_END, 100, EXITED(7), 30);
    assert_ended(fate_of(1, 1), "return", 7, "process");
}

Test(process_fate, a_signal_beats_an_exit_that_was_only_begun)
{
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    end(1, 1, END__EXIT, 0, 20);
    waited(RECORD_CHILD_ENDED, 100, SIGNALED(SIGKILL), 30);
    assert_ended(fate_of(1, 1), "signal", SIGKILL, "parent");
    cr_assert(fate_of(1, 1)->is_bad);
}

Test(process_fate, abort_is_abort_with_and_without_a_witness)
{
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    end(1, 1, END_ABORT, 0, 20);
    assert_ended(fate_of(1, 1), "abort", SIGABRT, "process");
    waited(RECORD_CHILD_ENDED, 100, SIGNALED(SIGABRT), 30);
    assert_ended(fate_of(1, 1), "abort", SIGABRT, "process");
}

Test(process_fate, the_parent_is_believed_before_the_supervisor)
{
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    waited(EVENT_SUPERVISOR_SAW_END, 100, EXITED(1), 30);
    waited(RECORD_CHILD_ENDED, 100, EXITED(2), 31);
    assert_ended(fate_of(1, 1), "unknown", 2, "parent");
}

Test(process_fate, nobody_saw_it)
{
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    assert_ended(fate_of(1, 1), "running", -1, "nobody");
    apply(EVENT_PROCESS_GONE, 1, 1, 40, NULL, 0);
    assert_ended(fate_of(1, 1), "unknown", -1, "nobody");
    cr_assert(fate_of(1, 1)->is_bad);
    cr_assert_eq(fate_of(1, 1)->end_ns, 40);
}

Test(process_fate, a_repeated_pid_is_told_apart_by_time)
{
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    begin(1, 2, 200, 100, 1, MADE_BY_FORK, 20);
    begin(1, 3, 200, 100, 1, MADE_BY_FORK, 40);
    waited(RECORD_CHILD_ENDED, 200, EXITED(1), 30);
    waited(RECORD_CHILD_ENDED, 200, SIGNALED(SIGSEGV), 50);
    assert_ended(fate_of(1, 2), "unknown", 1, "parent");
    assert_ended(fate_of(1, 3), "signal", SIGSEGV, "parent");
    cr_assert(fate_of(1, 3)->image_of == NULL);
}

Test(process_fate, an_image_follows_another)
{
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    end(1, 1, END_EXEC, 0, 20);
    begin(2, 1, 100, 50, 0, MADE_BY_EXEC, 21);
    waited(EVENT_SUPERVISOR_SAW_END, 100, EXITED(4), 30);
    assert_ended(fate_of(1, 1), "exec", -1, "process");
    assert_ended(fate_of(2, 1), "unknown", 4, "supervisor");
    cr_assert_eq(fate_of(2, 1)->image_of, table.all[0]);
    cr_assert_str_eq(fate_of(2, 1)->made_by, "exec");
    cr_assert_eq(process_fates_count(fates, table.n), 1);
}

Test(process_fate, births_are_named)
{
    struct record_child_ended root = {.pid = 100};

    apply(EVENT_ROOT, 0, 0, 1, &root, sizeof(root));
    begin(1, 1, 100, 50, 0, MADE_BY_EXEC, 10);
    begin(1, 2, 101, 100, 1, MADE_BY_FORK, 11);
    begin(1, 3, 102, 100, 1, MADE_BY__FORK, 12);
    begin(2, 1, 103, 101, 0, MADE_BY_EXEC, 13);
    apply(EVENT_DAMAGED, 3, 1, 14, &(struct event_rows){2}, sizeof(struct event_rows));
    cr_assert_str_eq(fate_of(1, 1)->made_by, "run");
    cr_assert_str_eq(fate_of(1, 2)->made_by, "fork");
    cr_assert_str_eq(fate_of(1, 3)->made_by, "_Fork");
    cr_assert_str_eq(fate_of(2, 1)->made_by, "spawn");
    cr_assert_str_eq(fate_of(3, 1)->made_by, "unknown");
    cr_assert_eq(fate_of(1, 3)->parent, table.all[0]);
    cr_assert_eq(fate_of(2, 1)->parent, table.all[1], "a parent of another family, by pid");
    cr_assert(fate_of(1, 1)->parent == NULL);
    cr_assert_eq(process_fates_count(fates, table.n), 5);
}

Test(process_fate, a_payload_that_is_too_short_changes_nothing)
{
    struct event event = {.kind = RECORD_PROCESS_START, .family = 1, .serial = 1};

    cr_assert_eq(process_table_apply(&table, &event, "", 0, 0), -EBADMSG);
    cr_assert_eq(table.n, 0);
}

Test(process_fate, thousands_are_found_again)
{
    for (uint64_t i = 1; i <= 5000; i++)
        cr_assert(process_table_get(&table, i % 7 + 1, i) != NULL);
    for (uint64_t i = 1; i <= 5000; i++)
        cr_assert_eq(process_table_find(&table, i % 7 + 1, i)->serial, i);
    cr_assert(process_table_find(&table, 1, 1) == NULL);
    cr_assert_eq(table.n, 5000);
}
