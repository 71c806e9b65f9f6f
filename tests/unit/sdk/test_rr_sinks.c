/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Naming where a stream's rows go, and ending with files. */
#include "fake_spool.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

TestSuite(rr_sinks, .init = enter, .fini = leave);

static bool is_sink(uint32_t n, const char *name)
{
    struct record_recording_view view;
    char path[256];

    fake_recording_at(n, &view);
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return view.head->sinks_size == strlen(path) && !memcmp(view.sinks, path, strlen(path));
}

Test(rr_sinks, later_rows_have_a_new_definition_with_the_absolute_path)
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

Test(rr_sinks, a_file_that_is_there_is_left_as_it_is)
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

Test(rr_sinks, bad_paths)
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

Test(rr_sinks, a_spool_that_refuses)
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

/* --- Several sinks ---------------------------------------------------------- */

static rr_log_sink file_sink(const char *path)
{
    return (rr_log_sink){.kind = RR_LOG_SINK_KIND_FILE, .file = {STRING(path)}};
}

static rr_log_sink viewer_sink(const char *url)
{
    return (rr_log_sink){.kind = RR_LOG_SINK_KIND_GRPC, .grpc = {STRING(url)}};
}

/* Are the sinks of the n-th definition these, with '|' for NUL and '@' for the folder? */
static void assert_sinks(uint32_t n, const char *expected)
{
    struct record_recording_view view;
    char got[1024];
    size_t used = 0;

    fake_recording_at(n, &view);
    for (size_t i = 0; i < view.head->sinks_size;) {
        if (view.head->sinks_size - i >= strlen(directory) &&
            !memcmp(view.sinks + i, directory, strlen(directory))) {
            got[used++] = '@';
            i += strlen(directory);
        } else {
            got[used++] = view.sinks[i] ? view.sinks[i] : '|';
            i++;
        }
    }
    got[used] = '\0';
    cr_assert_str_eq(got, expected);
}

Test(rr_sinks, a_list_of_files_and_viewers)
{
    rr_recording_stream stream = fake_start();
    rr_log_sink sinks[] = {file_sink("a.rrd"), viewer_sink(""), file_sink("b.rrd"),
                           viewer_sink("localhost:1/proxy")};

    rr_recording_stream_set_sinks(stream, sinks, 4, &error);
    assert_no_error(error);
    assert_sinks(1, "@/a.rrd|rerun+http://127.0.0.1:9876/proxy|@/b.rrd|rerun+http://localhost:1/"
                    "proxy");
    cr_assert(access("a.rrd", F_OK) == 0 && access("b.rrd", F_OK) == 0);
    rr_recording_stream_connect_grpc(stream, STRING("rerun://h/proxy"), &error);
    assert_no_error(error);
    assert_sinks(2, "rerun://h/proxy");
    rr_recording_stream_set_sinks(stream, NULL, 0, &error);
    assert_no_error(error);
    assert_sinks(3, "");
}

Test(rr_sinks, bad_ones_change_nothing)
{
    rr_recording_stream stream = fake_start();
    rr_log_sink server[] = {file_sink("a.rrd"), {.kind = RR_LOG_SINK_KIND_GRPC_SERVER}};
    rr_log_sink unknown[] = {file_sink("a.rrd"), {.kind = 3}};
    rr_log_sink bad_url[] = {viewer_sink("http://127.0.0.1:9876/proxy"), file_sink("a.rrd")};
    rr_log_sink bad_path[] = {file_sink("no/such/a.rrd")};
    rr_log_sink many[RECORD_MAX_SINKS + 1];

    for (size_t i = 0; i <= RECORD_MAX_SINKS; i++)
        many[i] = viewer_sink("");
    rr_recording_stream_set_sinks(stream, server, 2, &error);
    assert_error(error, RR_ERROR_CODE_NOT_IMPLEMENTED, "sinks[1]");
    rr_recording_stream_set_sinks(stream, unknown, 2, &error);
    assert_error(error, RR_ERROR_CODE_INVALID_ENUM_VALUE, "sinks[1].kind is 3");
    rr_recording_stream_set_sinks(stream, bad_url, 2, &error);
    assert_error(error, RR_ERROR_CODE_INVALID_SERVER_URL, "rerun+http://HOST:9876/proxy");
    rr_recording_stream_set_sinks(stream, bad_path, 1, &error);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_SAVE_FAILURE, "No such file");
    rr_recording_stream_set_sinks(stream, NULL, 1, &error);
    assert_error(error, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, "sinks");
    rr_recording_stream_set_sinks(stream, many, RECORD_MAX_SINKS + 1, &error);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE, "16 at most");
    rr_recording_stream_connect_grpc(stream, STRING("127.0.0.1:9876"), &error);
    assert_error(error, RR_ERROR_CODE_INVALID_SERVER_URL, "/proxy");
    rr_recording_stream_connect_grpc(99, STRING(""), &error);
    assert_error(error, RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE, "no stream 99");
    cr_assert_eq(fake_count(RECORD_DEFINE_RECORDING), 1);
    cr_assert_eq(fake_count(RECORD_NOTE), 0);
    cr_assert_neq(access("a.rrd", F_OK), 0);
}

Test(rr_sinks, sixteen_fit_and_no_more_than_their_size)
{
    rr_recording_stream stream = fake_start();
    static char url[RECORD_MAX_SINKS][1024];
    rr_log_sink sinks[RECORD_MAX_SINKS];
    struct record_recording_view view;

    for (size_t i = 0; i < RECORD_MAX_SINKS; i++) {
        size_t size = i == 0 ? 512 + 1 - RECORD_MAX_SINKS : 512;

        memset(url[i], 'x', sizeof(url[i]));
        memcpy(url[i], "rerun://h/proxy?", 16);
        sinks[i] =
            (rr_log_sink){.kind = RR_LOG_SINK_KIND_GRPC, .grpc.url = {url[i], (uint32_t)size}};
    }
    rr_recording_stream_set_sinks(stream, sinks, RECORD_MAX_SINKS, &error);
    assert_no_error(error);
    fake_recording_at(1, &view);
    cr_assert_eq(view.head->sinks_size, RECORD_MAX_SINKS_SIZE);
    sinks[0].grpc.url.length_in_bytes++;
    rr_recording_stream_set_sinks(stream, sinks, RECORD_MAX_SINKS, &error);
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE, "8192 bytes");
    cr_assert_eq(fake_count(RECORD_DEFINE_RECORDING), 2);
}

Test(rr_sinks, a_viewer_is_noted_once_for_each_image)
{
    rr_recording_stream stream = fake_start();
    const struct fake_record *record;
    struct record_note_view note;
    pid_t child;

    rr_recording_stream_connect_grpc(stream, STRING(""), &error);
    rr_recording_stream_connect_grpc(stream, STRING(""), &error);
    child = fork();
    if (child == 0) {
        rr_recording_stream_connect_grpc(stream, STRING(""), &error);
        _exit(0);
    }
    cr_assert_eq(fake_wait(child), 0);
    cr_assert_eq(fake_count(RECORD_NOTE), 1);
    rr_recording_stream_connect_grpc(stream, STRING("rerun://h/proxy"), &error);
    assert_no_error(error);
    cr_assert_eq(fake_count(RECORD_NOTE), 2);
    record = fake_record_at(RECORD_NOTE, 1);
    cr_assert_eq(record_note_parse(record->payload, record->size, &note), 0);
    cr_assert_eq(note.head->kind, NOTE_VIEWER);
    cr_assert(note.head->text_size == 15 && !memcmp(note.text, "rerun://h/proxy", 15));
}

/* --- Ending with files ------------------------------------------------------ */

/* Does the n-th request name the n-th definition? */
static void assert_finishes(uint32_t n, uint32_t definition)
{
    const struct fake_record *record = fake_record_at(RECORD_FINISH_SINK, n);
    struct record_recording_view view;
    struct record_finish_sink finish;

    fake_recording_at(definition, &view);
    cr_assert_eq(record->size, sizeof(finish));
    memcpy(&finish, record->payload, sizeof(finish));
    cr_assert_eq(finish.recording_id, view.head->id);
}

Test(rr_sinks, files_are_finished_when_they_are_replaced_and_when_the_stream_ends)
{
    rr_recording_stream stream = fake_start();

    rr_recording_stream_save(stream, STRING("a.rrd"), &error);
    cr_assert_eq(fake_count(RECORD_FINISH_SINK), 0);
    rr_recording_stream_save(stream, STRING("b.rrd"), &error);
    assert_finishes(0, 1);
    cr_assert_eq(fake_spool->n_thread_waits, 1);
    errno = 7;
    rr_recording_stream_free(stream);
    cr_assert_eq(errno, 7);
    assert_finishes(1, 2);
    cr_assert_eq(fake_spool->n_thread_waits, 2);
    rr_recording_stream_free(stream);
    cr_assert_eq(fake_count(RECORD_FINISH_SINK), 2);
}

Test(rr_sinks, streams_without_files_end_at_once)
{
    rr_recording_stream stream = fake_start();

    rr_recording_stream_connect_grpc(stream, STRING(""), &error);
    rr_recording_stream_set_sinks(stream, NULL, 0, &error);
    rr_recording_stream_free(stream);
    rr_recording_stream_free(RR_REC_STREAM_CURRENT_RECORDING);
    cr_assert_eq(fake_count(RECORD_FINISH_SINK), 0);
    cr_assert_eq(fake_spool->n_thread_waits, 0);
}

Test(rr_sinks, a_stream_that_is_off_ignores_them)
{
    rr_store_info info = {.application_id = STRING("off"), .store_kind = RR_STORE_KIND_RECORDING};
    rr_recording_stream stream = rr_recording_stream_new(&info, false, false, &error);

    rr_recording_stream_save(stream, STRING("a.rrd"), &error);
    rr_recording_stream_connect_grpc(stream, STRING(""), &error);
    rr_recording_stream_free(stream);
    assert_no_error(error);
    cr_assert_neq(access("a.rrd", F_OK), 0);
    cr_assert_eq(fake_spool->n_records, 0);
}
