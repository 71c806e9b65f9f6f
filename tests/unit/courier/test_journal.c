/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The journal: what a courier finds that comes after one that died at any step. */
#include "harness/courier/journal.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static int session;
static const struct journal_target target = {"/tmp/x.rrd", "/tmp/x.rrd.part"};

static void make_session(void)
{
    strcpy(folder, "/tmp/test-journal-XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
    session = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert(session >= 0);
}

static void remove_session(void)
{
    journal_remove(session);
    close(session);
    cr_assert_eq(rmdir(folder), 0, "the journal left files behind");
}

TestSuite(journal, .init = make_session, .fini = remove_session);

static struct journal made(void)
{
    struct journal journal;

    cr_assert_eq(journal_create(&journal, session, &target), 0);
    return journal;
}

/* As another courier finds it. */
static struct journal found(void)
{
    struct journal journal;

    cr_assert_eq(journal_open(&journal, session), 0);
    return journal;
}

static const struct journal_entry entries[2] = {{7, 1, 256}, {9, 0, 16384}};

Test(journal, a_session_without_one_says_so)
{
    struct journal journal;

    cr_assert_eq(journal_open(&journal, session), -ENOENT);
    journal_close(&journal);
}

Test(journal, a_new_one_has_nothing_committed)
{
    struct journal journal = made();
    struct journal other = found();
    const struct journal_entry *left;
    size_t n_left;

    cr_assert_str_eq(journal_output(&other), target.output);
    cr_assert_str_eq(journal_part(&other), target.part);
    cr_assert_eq(journal_phase(&other), JOURNAL_OPEN);
    cr_assert_eq(journal_outbox_size(&other), 0);
    cr_assert_eq(journal_events_size(&other), 0);
    cr_assert_not(journal_unfinished(&other, &left, &n_left));
    journal_close(&other);
    journal_close(&journal);
}

Test(journal, what_is_only_prepared_never_was)
{
    struct journal journal = made();
    struct journal other;
    const struct journal_entry *left;
    size_t n_left;

    journal_prepare(&journal, entries, 2, 1000, 50);
    journal_close(&journal);
    other = found();
    cr_assert_not(journal_unfinished(&other, &left, &n_left));
    cr_assert_eq(journal_outbox_size(&other), 0);
    journal_close(&other);
}

Test(journal, what_is_committed_is_finished_by_the_next)
{
    struct journal journal = made();
    struct journal other;
    const struct journal_entry *left;
    size_t n_left;

    journal_prepare(&journal, entries, 2, 1000, 50);
    journal_commit(&journal);
    journal_close(&journal);
    other = found();
    cr_assert(journal_unfinished(&other, &left, &n_left));
    cr_assert_eq(n_left, 2);
    cr_assert_eq(memcmp(left, entries, sizeof(entries)), 0);
    journal_finish(&other);
    cr_assert_not(journal_unfinished(&other, &left, &n_left));
    cr_assert_eq(journal_outbox_size(&other), 1000);
    cr_assert_eq(journal_events_size(&other), 50);
    journal_close(&other);
}

Test(journal, a_commit_without_positions_counts_too)
{
    struct journal journal = made();
    struct journal other;
    const struct journal_entry *left;
    size_t n_left = 1;

    journal_prepare(&journal, entries, 0, 10, 20);
    journal_commit(&journal);
    journal_close(&journal);
    other = found();
    cr_assert(journal_unfinished(&other, &left, &n_left));
    cr_assert_eq(n_left, 0);
    journal_close(&other);
}

Test(journal, phases_and_targets_change_in_one_step)
{
    const struct journal_target moved = {"/tmp/y.rrd", "/tmp/y.rrd.part"};
    struct stat status = {.st_dev = 3, .st_ino = 4, .st_size = 5, .st_mtim = {6, 7}};
    struct journal journal = made();
    struct journal other;

    journal_prepare(&journal, entries, 2, 1000, 50);
    journal_commit(&journal);
    journal_finish(&journal);
    journal_set_placed(&journal, &status);
    other = found();
    cr_assert_eq(journal_phase(&other), JOURNAL_PLACED);
    cr_assert_eq(journal_placed_id(&other).inode, 4);
    cr_assert_eq(journal_placed_id(&other).mtime_ns, 6000000007);
    cr_assert_eq(journal_file_id(&other).inode, 0);
    journal_close(&other);
    status.st_ino = 8;
    cr_assert_eq(journal_reopen(&journal, &moved, &status, 900), 0);
    journal_close(&journal);
    other = found();
    cr_assert_eq(journal_phase(&other), JOURNAL_OPEN);
    cr_assert_eq(journal_file_id(&other).inode, 8);
    cr_assert_eq(journal_outbox_size(&other), 900);
    cr_assert_eq(journal_events_size(&other), 50);
    cr_assert_str_eq(journal_part(&other), moved.part);
    journal_close(&other);
}

/* Each byte of the head, changed: refused, or read as a journal whose texts end. */
Test(journal, rubbish_is_refused)
{
    char path[128];
    struct journal journal = made();
    int file;

    journal_close(&journal);
    snprintf(path, sizeof(path), "%s/%s", folder, JOURNAL_NAME);
    file = open(path, O_RDWR);
    for (off_t at = 0; at < 128; at++) {
        uint8_t before;
        uint8_t changed;

        cr_assert_eq(pread(file, &before, 1, at), 1);
        changed = before ^ 0xff;
        cr_assert_eq(pwrite(file, &changed, 1, at), 1);
        if (journal_open(&journal, session) == 0) {
            cr_assert(strlen(journal_output(&journal)) < PATH_MAX);
            journal_close(&journal);
        }
        cr_assert_eq(pwrite(file, &before, 1, at), 1);
    }
    cr_assert_eq(ftruncate(file, 1000), 0);
    cr_assert_eq(journal_open(&journal, session), -EBADMSG);
    cr_assert_eq(pwrite(file, &(uint32_t){1}, 4, 8), 4);
    cr_assert_eq(journal_open(&journal, session), -EPROTONOSUPPORT);
    close(file);
}
