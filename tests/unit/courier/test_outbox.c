/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The outbox: which file it is, after a death at any step, and what it never touches. */
#include "harness/courier/outbox.h"

#include "harness/wire/byte_source.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char output[96];
static char part[128];
static char unnamed[128];
static int session;
static struct outbox outbox;
static struct journal journal;
static struct rrd_error error;

static void make_session(void)
{
    strcpy(folder, "/tmp/test-outbox-XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
    session = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    snprintf(output, sizeof(output), "%s/m.rrd", folder);
    snprintf(part, sizeof(part), "%s.part", output);
    snprintf(unnamed, sizeof(unnamed), "%s.part.ID", output);
    outbox.file = -1;
}

static void remove_session(void)
{
    DIR *directory = fdopendir(dup(session));
    const struct dirent *entry;

    while ((entry = readdir(directory)) != NULL)
        (void)!unlinkat(session, entry->d_name, 0);
    closedir(directory);
    outbox_close(&outbox);
    journal_close(&journal);
    close(session);
    cr_assert_eq(rmdir(folder), 0);
}

TestSuite(outbox, .init = make_session, .fini = remove_session);

static int reopen(const char *to, bool has_more)
{
    outbox_close(&outbox);
    journal_close(&journal);
    return outbox_open(&outbox, &journal, session, "ID", to, has_more, &error);
}

/* Appends text as a commit does. */
static void commit(const char *text)
{
    cr_assert_eq(outbox_write(&outbox, text, strlen(text)), 0);
    journal_prepare(&journal, NULL, 0, outbox.size + strlen(text), 0);
    journal_commit(&journal);
    journal_finish(&journal);
    outbox.size += strlen(text);
}

static void assert_holds(const char *path, const char *text)
{
    char bytes[64] = {0};
    int file = open(path, O_RDONLY);

    cr_assert(file >= 0, "%s is not there", path);
    cr_assert(read(file, bytes, sizeof(bytes) - 1) >= 0);
    cr_assert_str_eq(bytes, text);
    close(file);
}

/* As assert_holds, for a file that is compressed. */
static void assert_packs(const char *path, const char *text)
{
    char bytes[64] = {0};
    struct byte_source source;
    int file = open(path, O_RDONLY);

    cr_assert(file >= 0, "%s is not there", path);
    cr_assert_eq(byte_source_open(&source, file), 0);
    cr_assert(byte_source_is_compressed(&source));
    cr_assert_geq(byte_source_read(&source, bytes, sizeof(bytes) - 1), 0);
    cr_assert_str_eq(bytes, text);
    byte_source_done(&source);
    close(file);
}

static void put(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

Test(outbox, what_was_not_committed_is_cut_off)
{
    cr_assert_eq(reopen(output, true), 0);
    commit("one");
    cr_assert_eq(outbox_write(&outbox, "lost", 4), 0);
    assert_holds(part, "onelost");
    cr_assert_eq(reopen(NULL, true), 0);
    assert_holds(part, "one");
    commit("two");
    assert_holds(part, "onetwo");
    cr_assert_not(exists(unnamed));
}

Test(outbox, a_death_before_it_had_its_name_is_repaired)
{
    cr_assert_eq(reopen(output, true), 0);
    commit("one");
    cr_assert_eq(rename(part, unnamed), 0);
    cr_assert_eq(reopen(output, true), 0);
    assert_holds(part, "one");
    cr_assert_not(exists(unnamed));
}

Test(outbox, placing_makes_it_the_output)
{
    put(output, "older");
    cr_assert_eq(reopen(output, true), 0);
    commit("one");
    assert_holds(output, "older");
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    assert_holds(output, "one");
    cr_assert_not(exists(part));
    cr_assert_eq(reopen(NULL, false), 0);
    cr_assert_eq(journal_phase(&journal), JOURNAL_PLACED);
    cr_assert_eq(outbox.file, -1);
}

Test(outbox, a_death_between_renaming_and_noting_it_is_seen)
{
    cr_assert_eq(reopen(output, true), 0);
    commit("one");
    cr_assert_eq(rename(part, output), 0);
    cr_assert_eq(reopen(NULL, false), 0);
    cr_assert_eq(journal_phase(&journal), JOURNAL_PLACED);
    assert_holds(output, "one");
}

Test(outbox, more_rows_go_on_in_a_copy_of_the_rows_alone)
{
    cr_assert_eq(reopen(output, true), 0);
    commit("rows");
    cr_assert_eq(pwrite(outbox.file, "footer", 6, 4), 6);
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    assert_holds(output, "rowsfooter");
    cr_assert_eq(reopen(NULL, true), 0);
    cr_assert_eq(journal_phase(&journal), JOURNAL_OPEN);
    assert_holds(output, "rowsfooter");
    assert_holds(part, "rows");
    commit("+more");
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    assert_holds(output, "rows+more");
}

Test(outbox, another_output_takes_the_rows_along)
{
    char other[96];

    snprintf(other, sizeof(other), "%s/n.rrd", folder);
    cr_assert_eq(reopen(output, true), 0);
    commit("one");
    cr_assert_eq(reopen(other, true), 0);
    cr_assert_not(exists(part));
    commit("two");
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    assert_holds(other, "onetwo");
    cr_assert_not(exists(output));
}

Test(outbox, files_of_others_are_not_touched)
{
    put(part, "somebody's");
    cr_assert_eq(reopen(output, true), -EEXIST);
    cr_assert(strstr(error.text, part) != NULL);
    assert_holds(part, "somebody's");
    cr_assert_not(exists(unnamed));
    cr_assert_eq(reopen(NULL, true), -EINVAL, "and no journal is left");
}

Test(outbox, an_outbox_that_vanished_or_shrank_is_an_error)
{
    cr_assert_eq(reopen(output, true), 0);
    commit("precious");
    cr_assert_eq(truncate(part, 3), 0);
    cr_assert_eq(reopen(NULL, true), -EBADMSG);
    cr_assert_eq(unlink(part), 0);
    cr_assert_eq(reopen(NULL, true), -ENOENT);
    cr_assert(strstr(error.text, part) != NULL);
}

Test(outbox, an_output_that_somebody_replaced_is_not_written_over)
{
    char other[96];

    snprintf(other, sizeof(other), "%s/n.rrd", folder);
    cr_assert_eq(reopen(output, true), 0);
    commit("one");
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    put(output, "mine now");
    cr_assert_eq(reopen(NULL, true), -EEXIST);
    assert_holds(output, "mine now");
    cr_assert_eq(reopen(other, true), 0);
    cr_assert_eq(outbox.size, 0);
    cr_assert_eq(unlink(output), 0);
}

Test(outbox, a_session_that_is_done_begins_anew)
{
    cr_assert_eq(reopen(output, true), 0);
    commit("one");
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    journal_set_cleaning(&journal);
    cr_assert_eq(reopen(NULL, false), 0);
    cr_assert_eq(journal_phase(&journal), JOURNAL_CLEANING);
    cr_assert_eq(reopen(output, true), 0);
    cr_assert_eq(journal_phase(&journal), JOURNAL_OPEN);
    cr_assert_eq(outbox.size, 0);
    assert_holds(output, "one");
}

/* --- An output that is compressed ---------------------------------------------------------------
 */

static void name_packed(void)
{
    make_session();
    snprintf(output, sizeof(output), "%s/m.rrd.zst", folder);
    snprintf(part, sizeof(part), "%s.part", output);
    snprintf(unnamed, sizeof(unnamed), "%s.part.ID", output);
}

TestSuite(packed_outbox, .init = name_packed, .fini = remove_session);

Test(packed_outbox, placing_compresses_it)
{
    put(output, "older");
    cr_assert_eq(reopen(output, true), 0);
    commit("one");
    assert_holds(part, "one");
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    assert_packs(output, "one");
    cr_assert_not(exists(part));
    cr_assert_not(exists(unnamed));
    cr_assert_eq(reopen(NULL, false), 0);
    cr_assert_eq(journal_phase(&journal), JOURNAL_PLACED);
    cr_assert_eq(outbox.file, -1);
}

Test(packed_outbox, a_death_while_it_is_compressed_is_repaired)
{
    char other[96];

    snprintf(other, sizeof(other), "%s/n.rrd", folder);
    cr_assert_eq(reopen(output, true), 0);
    commit("one");
    put(unnamed, "half");
    cr_assert_eq(reopen(NULL, false), 0);
    cr_assert_eq(journal_phase(&journal), JOURNAL_OPEN);
    cr_assert_not(exists(unnamed));
    put(unnamed, "half");
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0, "a file in the way is no matter");
    assert_packs(output, "one");
    cr_assert_eq(reopen(NULL, true), 0);
    put(unnamed, "half");
    cr_assert_eq(reopen(other, true), 0);
    cr_assert_not(exists(unnamed), "though the output is another one now");
}

Test(packed_outbox, a_death_between_renaming_and_noting_it_is_repaired)
{
    cr_assert_eq(reopen(output, true), 0);
    commit("one");
    put(output, "the whole, for all we know");
    cr_assert_eq(reopen(NULL, false), 0);
    cr_assert_eq(journal_phase(&journal), JOURNAL_OPEN);
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    assert_packs(output, "one");
}

Test(packed_outbox, a_death_before_the_outbox_went_is_repaired)
{
    struct stat status;
    char other[96];

    snprintf(other, sizeof(other), "%s/kept", folder);
    cr_assert_eq(reopen(output, true), 0);
    commit("one");
    cr_assert_eq(link(part, other), 0);
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    cr_assert_eq(rename(other, part), 0);
    cr_assert_eq(stat(part, &status), 0);
    journal_set_file(&journal, &status);
    cr_assert_eq(reopen(NULL, false), 0);
    cr_assert_eq(journal_phase(&journal), JOURNAL_PLACED);
    cr_assert_not(exists(part));
    put(part, "somebody's");
    cr_assert_eq(reopen(NULL, false), 0);
    assert_holds(part, "somebody's");
}

/* As file systems without RENAME_NOREPLACE leave it after a death. */
Test(packed_outbox, an_outbox_of_two_names_is_not_truncated)
{
    cr_assert_eq(reopen(output, true), 0);
    commit("one");
    cr_assert_eq(link(part, unnamed), 0);
    cr_assert_eq(reopen(NULL, false), 0);
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    assert_packs(output, "one");
    cr_assert_not(exists(unnamed));
}

Test(packed_outbox, more_rows_go_on_in_a_plain_copy)
{
    cr_assert_eq(reopen(output, true), 0);
    commit("rows");
    cr_assert_eq(pwrite(outbox.file, "footer", 6, 4), 6);
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    assert_packs(output, "rowsfooter");
    cr_assert_eq(reopen(NULL, true), 0);
    cr_assert_eq(journal_phase(&journal), JOURNAL_OPEN);
    assert_holds(part, "rows");
    assert_packs(output, "rowsfooter");
    commit("+more");
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    assert_packs(output, "rows+more");
}

Test(packed_outbox, one_kind_of_output_becomes_the_other)
{
    char other[96];

    snprintf(other, sizeof(other), "%s/n.rrd", folder);
    cr_assert_eq(reopen(output, true), 0);
    commit("one");
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    cr_assert_eq(reopen(other, true), 0);
    commit("two");
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    assert_holds(other, "onetwo");
    assert_packs(output, "one");
    cr_assert_eq(reopen(output, true), 0);
    commit("three");
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    assert_packs(output, "onetwothree");
}

Test(packed_outbox, an_output_that_somebody_replaced_is_not_written_over)
{
    cr_assert_eq(reopen(output, true), 0);
    commit("one");
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    put(output, "mine now");
    cr_assert_eq(reopen(NULL, true), -EEXIST);
    assert_holds(output, "mine now");
}

Test(packed_outbox, what_cannot_be_compressed_stays)
{
    cr_assert_eq(reopen(output, true), 0);
    commit("one");
    cr_assert_eq(mkdir(output, 0700), 0);
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), -EISDIR);
    assert_holds(part, "one");
    cr_assert_not(exists(unnamed));
    cr_assert_eq(rmdir(output), 0);
    cr_assert_eq(outbox_place(&outbox, &journal, "ID", NULL), 0);
    assert_packs(output, "one");
}
