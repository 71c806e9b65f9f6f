/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Naming the file to save in. */
#include "fake_spool.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static rr_error error;
static char directory[] = "/tmp/lastword-test-XXXXXX";

static void enter(void)
{
    cr_assert(mkdtemp(directory) != NULL);
    cr_assert_eq(chdir(directory), 0);
}

static void leave(void)
{
    unlink("a.rrd");
    unlink("b.rrd");
    unlink("pipe");
    cr_assert_eq(rmdir(directory), 0);
}

TestSuite(save, .init = enter, .fini = leave);

static bool is_sink(uint32_t n, const char *name)
{
    struct record_recording_view view;
    char path[256];

    fake_recording_at(n, &view);
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return view.head->sink_path_size == strlen(path) && !memcmp(view.sink_path, path, strlen(path));
}

Test(save, later_rows_have_a_new_definition_with_the_absolute_path)
{
    rr_recording_stream stream = fake_start();
    struct record_recording_view views[3];
    struct record_row_view row;

    lw_log_text("log", NULL, "before", &error);
    rr_recording_stream_save(stream, STRING("a.rrd"), &error);
    assert_no_error(error);
    lw_log_text("log", NULL, "after", &error);
    rr_recording_stream_save(stream, STRING("b.rrd"), &error);
    assert_no_error(error);
    for (uint32_t i = 0; i < 3; i++)
        fake_recording_at(i, &views[i]);
    cr_assert(is_sink(1, "a.rrd") && is_sink(2, "b.rrd"));
    cr_assert_eq(views[1].head->previous_id, views[0].head->id);
    cr_assert_eq(views[2].head->previous_id, views[1].head->id);
    cr_assert_eq(views[2].head->time_ns, views[0].head->time_ns);
    cr_assert(views[2].head->recording_id_size == 3 && !memcmp(views[2].recording_id, "rec", 3));
    fake_row_at(0, &row);
    cr_assert_eq(row.head->recording_id, views[0].head->id);
    fake_row_at(1, &row);
    cr_assert_eq(row.head->recording_id, views[1].head->id);
    cr_assert_eq(fake_spool->recording, views[2].head);
}

Test(save, a_file_that_is_there_is_left_as_it_is)
{
    rr_recording_stream stream = fake_start();
    struct stat status;
    char path[64];
    int file = open("a.rrd", O_WRONLY | O_CREAT, 0600);

    cr_assert_eq(write(file, "old", 3), 3);
    close(file);
    snprintf(path, sizeof(path), "%s/a.rrd", directory);
    errno = 7;
    rr_recording_stream_save(stream, STRING(path), &error);
    cr_assert_eq(errno, 7);
    assert_no_error(error);
    cr_assert(is_sink(1, "a.rrd"));
    cr_assert(stat("a.rrd", &status) == 0 && status.st_size == 3);
}

Test(save, bad_paths)
{
    rr_recording_stream stream = fake_start();
    char long_path[5000];

    memset(long_path, 'x', sizeof(long_path));
    rr_recording_stream_save(stream, STRING("no/such/a.rrd"), &error);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_SAVE_FAILURE, "No such file or directory");
    rr_recording_stream_save(stream, STRING("."), &error);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_SAVE_FAILURE, "Is a directory");
    rr_recording_stream_save(stream, STRING("/dev/null"), &error);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_SAVE_FAILURE, "not a regular file");
    cr_assert_eq(mkfifo("pipe", 0600), 0);
    rr_recording_stream_save(stream, STRING("pipe"), &error);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_SAVE_FAILURE, "pipe");
    rr_recording_stream_save(stream, (rr_string){long_path, 4090}, &error);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_SAVE_FAILURE, "too long");
    rr_recording_stream_save(stream, (rr_string){long_path, 5000}, &error);
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "5000 bytes");
    rr_recording_stream_save(stream, STRING(""), &error);
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "path is empty");
    rr_recording_stream_save(99, STRING("a.rrd"), &error);
    assert_error(error, RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE, "no stream 99");
    cr_assert_eq(fake_count(RECORD_DEFINE_RECORDING), 1);
    cr_assert_neq(access("a.rrd", F_OK), 0);
}

Test(save, a_spool_that_refuses)
{
    rr_recording_stream stream = fake_start();
    struct record_row_view row;
    struct record_recording_view view;

    fake_spool->define_error = -ENOSPC;
    rr_recording_stream_save(stream, STRING("a.rrd"), &error);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_SAVE_FAILURE, "full");
    cr_assert(lw_log_text("log", NULL, "text", &error));
    fake_row_at(0, &row);
    fake_recording_at(0, &view);
    cr_assert_eq(row.head->recording_id, view.head->id);
}
