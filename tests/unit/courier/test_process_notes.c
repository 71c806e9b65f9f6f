/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which notes hold for a process: its own, and what a fork inherits. */
#include "harness/courier/process_notes.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static int session;
static struct event_log event_log;
static struct process_table table;
static struct buffer bytes;
static struct process_notes notes;

static void begin_all(void)
{
    strcpy(folder, "/tmp/test-notes-XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
    session = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(event_log_open(&event_log, session, 0), 0);
    process_table_init(&table);
    buffer_init(&bytes, BUFFER_NO_LIMIT);
}

static void end_all(void)
{
    buffer_done(&bytes);
    process_table_done(&table);
    event_log_close(&event_log);
    event_log_remove(session);
    close(session);
    cr_assert_eq(rmdir(folder), 0);
}

TestSuite(process_notes, .init = begin_all, .fini = end_all);

static void log_event(uint16_t kind, uint64_t serial, uint64_t time_ns, const void *payload,
                      size_t size)
{
    const struct event event = {.kind = kind, .family = 5, .serial = serial, .time_ns = time_ns};
    uint64_t offset;

    cr_assert_eq(event_log_append(&event_log, &event, payload, size, &offset), 0);
    cr_assert_eq(event_log_write(&event_log), 0);
    event_log_committed(&event_log);
    cr_assert_eq(process_table_apply(&table, &event, payload, size, offset), 0);
}

static void begin(uint64_t serial, uint64_t parent_serial, uint64_t time_ns)
{
    struct event_process seen = {.pid = 100 + (uint32_t)serial, .parent_serial = parent_serial};
    struct record_process_start start = {.pid = seen.pid, .made_by = MADE_BY_FORK};

    log_event(EVENT_PROCESS, serial, time_ns, &seen, sizeof(seen));
    log_event(RECORD_PROCESS_START, serial, time_ns, &start, sizeof(start));
}

static void note(uint64_t serial, uint64_t time_ns, uint16_t kind, const char *text)
{
    struct {
        struct record_note head;
        char text[RECORD_MAX_NOTE];
    } payload = {.head = {.kind = kind, .text_size = (uint16_t)strlen(text)}};

    memcpy(payload.text, text, strlen(text));
    log_event(RECORD_NOTE, serial, time_ns, &payload,
              (sizeof(payload.head) + strlen(text) + 7) & ~(size_t)7);
}

/* The notes of a process in one line. */
static const char *read_notes(uint64_t serial, uint16_t kind)
{
    static char line[4096];

    cr_assert_eq(process_notes_read(&notes, &table, process_table_find(&table, 5, serial), kind,
                                    &event_log, &bytes),
                 0);
    *line = '\0';
    for (size_t i = 0; i < notes.n; i++)
        snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s%.*s", i > 0 ? ", " : "",
                 (int)notes.views[i].size, notes.views[i].data);
    return line;
}

Test(process_notes, by_kind_each_once)
{
    begin(1, 0, 10);
    note(1, 11, NOTE_PROVIDER, "stdio");
    note(1, 12, NOTE_TIMED_OUT, "stdio");
    note(1, 13, NOTE_PROVIDER, "rerun-sdk 0.41.0");
    note(1, 14, NOTE_PROVIDER, "stdio");
    note(1, 15, 999, "of a later version");
    cr_expect_str_eq(read_notes(1, NOTE_PROVIDER), "stdio, rerun-sdk 0.41.0");
    cr_expect_str_eq(read_notes(1, NOTE_TIMED_OUT), "stdio");
    cr_expect_str_eq(read_notes(1, NOTE_VIEWER), "");
}

Test(process_notes, a_fork_inherits_what_was_so_before_it)
{
    begin(1, 0, 10);
    note(1, 11, NOTE_PROVIDER, "stdio");
    note(1, 12, NOTE_NOT_COVERED, "grpc");
    note(1, 12, NOTE_TIMED_OUT, "slow");
    note(1, 12, NOTE_VIEWER, "url");
    begin(2, 1, 20);
    note(1, 21, NOTE_PROVIDER, "too late for the child");
    note(2, 22, NOTE_PROVIDER, "its own");
    begin(3, 2, 30);
    cr_expect_str_eq(read_notes(2, NOTE_PROVIDER), "its own, stdio");
    cr_expect_str_eq(read_notes(3, NOTE_PROVIDER), "its own, stdio");
    cr_expect_str_eq(read_notes(3, NOTE_NOT_COVERED), "grpc");
    cr_expect_str_eq(read_notes(3, NOTE_TIMED_OUT), "", "that was another process's");
    cr_expect_str_eq(read_notes(3, NOTE_VIEWER), "");
}

Test(process_notes, a_circle_of_parents_ends)
{
    begin(2, 3, 10);
    begin(3, 2, 10);
    note(2, 10, NOTE_PROVIDER, "stdio");
    cr_expect_str_eq(read_notes(3, NOTE_PROVIDER), "stdio");
    cr_expect_str_eq(read_notes(2, NOTE_PROVIDER), "stdio");
}

Test(process_notes, only_so_many_are_kept)
{
    char text[32];

    begin(1, 0, 10);
    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof(text), "provider %d", i);
        note(1, 11, NOTE_PROVIDER, text);
    }
    note(1, 12, NOTE_TIMED_OUT, "stdio");
    (void)read_notes(1, NOTE_PROVIDER);
    cr_expect_eq(notes.n, PROCESS_MAX_NOTES);
    cr_expect_str_eq(read_notes(1, NOTE_TIMED_OUT), "stdio");
    cr_expect_eq(table.all[0]->n_notes, PROCESS_MAX_NOTES + 1);
}

Test(process_notes, a_damaged_note_is_passed_over)
{
    struct record_note head = {.kind = NOTE_PROVIDER, .text_size = 500};

    begin(1, 0, 10);
    log_event(RECORD_NOTE, 1, 11, &head, sizeof(head));
    note(1, 12, NOTE_PROVIDER, "stdio");
    cr_expect_str_eq(read_notes(1, NOTE_PROVIDER), "stdio");
}
