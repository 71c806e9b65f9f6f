/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The courier as a whole, with real writers: every row once, whoever is killed, wherever it goes.
 */
#include "harness/courier/courier.h"
#include "row_writer.h"
#include "sdk/spool/session.h"
#include "sdk/spool/spool.h"
#include "sdk/spool/spool_internal.h"
#include "tests/support/spool_records.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char session[SESSION_PATH_SIZE];
static char folder[64];
static char output[96];
static char other_output[96];

/* What processes of a test share. */
static struct {
    int result; /* of the last courier_run */
    struct courier_message report;
    char error_text[512];
    _Atomic uint64_t n_logged[8]; /* calls that returned success, by logger */
    _Atomic uint32_t recording;
} * shared;

static void make_session(void)
{
    spool_test_session_make(session);
    setenv("LASTWORD_SESSION", session, 1);
    strcpy(folder, "/tmp/test-courier-XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
    snprintf(output, sizeof(output), "%s/m.rrd", folder);
    snprintf(other_output, sizeof(other_output), "%s/n.rrd", folder);
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(shared != MAP_FAILED);
}

static void remove_session(void)
{
    spool_test_session_remove(session);
    spool_test_session_remove(folder); /* a flat folder, too */
}

TestSuite(courier, .init = make_session, .fini = remove_session, .timeout = 300);

/* --- Programs and couriers ---------------------------------------------------------------------
 */

static pid_t start(void (*body)(void))
{
    pid_t child = fork();

    cr_assert(child >= 0);
    if (child == 0) {
        body();
        _exit(0);
    }
    return child;
}

static void reap(pid_t child)
{
    int status;

    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0, "status %#x", status);
}

static void run(void (*body)(void))
{
    reap(start(body));
}

static _Noreturn void be_courier(const char *to, int control)
{
    const struct courier_options options = {
        .session = session,
        .output = to,
        .control_fd = control,
        .record_args = true,
        .only_deliver = control < 0,
    };

    shared->result =
        courier_run(&options, &shared->report, shared->error_text, sizeof(shared->error_text));
    _exit(0);
}

/* A courier without supervisor, to its end. Returns what courier_run returned. */
static int deliver(const char *to)
{
    pid_t child;

    shared->error_text[0] = 0;
    child = fork();
    if (child == 0)
        be_courier(to, -1);
    reap(child);
    return shared->result;
}

struct served {
    pid_t courier;
    int control;
};

static struct served serve(const char *to)
{
    struct courier_message message;
    struct served served;
    int ends[2];

    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    served.control = ends[0];
    served.courier = fork();
    if (served.courier == 0) {
        close(ends[0]);
        be_courier(to, ends[1]);
    }
    close(ends[1]);
    if (recv(ends[0], &message, sizeof(message), 0) == (ssize_t)sizeof(message))
        cr_assert_eq(message.kind, COURIER_READY);
    return served;
}

static void say(const struct served *served, uint32_t kind, int32_t pid, int32_t wait_status)
{
    const struct courier_message message = {.kind = kind, .pid = pid, .wait_status = wait_status};

    cr_assert_eq(send(served->control, &message, sizeof(message), MSG_NOSIGNAL), sizeof(message));
}

/* Reads until the end of file; counts messages by kind. */
static void hear(const struct served *served, size_t counts[32])
{
    struct courier_message message;

    memset(counts, 0, 32 * sizeof(*counts));
    while (recv(served->control, &message, sizeof(message), 0) == (ssize_t)sizeof(message))
        counts[message.kind % 32]++;
}

static void finish(const struct served *served, size_t counts[32])
{
    say(served, COURIER_FINISH, 0, 0);
    hear(served, counts);
    reap(served->courier);
    close(served->control);
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static size_t count_files(const char *pattern)
{
    char path[SESSION_PATH_SIZE + 64];
    glob_t found;
    size_t n;

    snprintf(path, sizeof(path), "%s/%s", session, pattern);
    n = glob(path, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    if (n > 0)
        globfree(&found);
    return n;
}

/* --- What arrived -------------------------------------------------------------------------------
 */

/*
 * Asserts that entity holds the numbers first, first + 1, ... in order of row ids, each once, and
 * returns how many.
 */
static uint64_t check_numbers(const struct stored_texts *texts, const char *entity, uint64_t first)
{
    uint64_t next = first;
    uint64_t last_time = 0;
    uint64_t last_inc = 0;

    for (size_t i = 0; i < texts->n; i++) {
        const struct stored_text *one = &texts->at[i];

        if (strcmp(one->entity, entity) != 0)
            continue;
        cr_assert_eq(strtoull(one->text, NULL, 10), next, "%s: %.20s where %lu was to come", entity,
                     one->text, next);
        cr_assert(one->row_time > last_time || one->row_time == last_time,
                  "row ids go back in time");
        cr_assert(one->row_time != last_time || one->row_inc != last_inc, "a row id twice");
        last_time = one->row_time;
        last_inc = one->row_inc;
        next++;
    }
    return next - first;
}

static void assert_numbers(const char *path, const char *entity, uint64_t first, uint64_t n)
{
    struct stored_texts texts = read_texts(path);

    cr_assert_eq(texts.result, 0, "%s: %d", path, texts.result);
    cr_assert_eq(check_numbers(&texts, entity, first), n);
    stored_texts_done(&texts);
}

/* --- Programs -----------------------------------------------------------------------------------
 */

static void log_and_fork(void)
{
    uint32_t recording = write_recording("rec", NULL, 0, RECORDING_SEND_PROPERTIES);

    for (int i = 0; i < 3; i++) {
        char entity[16];
        pid_t child = fork();

        snprintf(entity, sizeof(entity), "child_%d", i);
        if (child == 0) {
            for (uint64_t k = 0; k < 100; k++)
                if (write_number(recording, entity, k, 10) < 0)
                    _exit(1);
            raise(SIGKILL);
        }
    }
    for (uint64_t k = 0; k < 100; k++)
        if (write_number(recording, "parent", k, 10) < 0)
            _exit(1);
    while (wait(NULL) > 0)
        ;
}

Test(courier, rows_of_a_killed_family_arrive_once)
{
    struct stored_texts texts;

    run(log_and_fork);
    cr_assert_eq(deliver(output), 0, "%s", shared->error_text);
    texts = read_texts(output);
    cr_assert_eq(texts.result, 0);
    cr_assert_eq(texts.n, 400);
    cr_assert_eq(check_numbers(&texts, "/parent", 0), 100);
    cr_assert_eq(check_numbers(&texts, "/child_0", 0), 100);
    cr_assert_eq(check_numbers(&texts, "/child_1", 0), 100);
    cr_assert_eq(check_numbers(&texts, "/child_2", 0), 100);
    cr_assert_eq(texts.n_stores, 1);
    cr_assert_eq(texts.n_properties, 1);
    cr_assert_eq(texts.n_process_rows, 8);
    stored_texts_done(&texts);
    cr_assert_eq(shared->report.rows_logged, 400);
    cr_assert_eq(shared->report.rows_stored, 400);
    cr_assert_eq(shared->report.n_processes, 4);
    cr_assert_eq(count_files("*"), 0, "the session is not empty");
    cr_assert_eq(count_files(".*.spool"), 0);
}

Test(courier, a_session_that_cannot_be_served_is_refused)
{
    int lock;

    cr_assert_eq(deliver(output), -ENODATA);
    cr_assert_not(exists(output));
    lock = session_open(session);
    cr_assert_eq(flock(lock, LOCK_EX), 0);
    cr_assert_eq(deliver(output), -EBUSY);
    close(lock);
    cr_assert_eq(chmod(session, 0755), 0);
    cr_assert_eq(deliver(output), -EPERM);
    cr_assert_eq(chmod(session, 0700), 0);
    strcat(session, "-none");
    cr_assert_eq(deliver(output), -ENOENT);
    cr_assert(strstr(shared->error_text, session) != NULL);
    session[strlen(session) - 5] = 0;
}

static void log_100(void)
{
    uint32_t recording = write_recording("rec", NULL, 0, 0);

    for (uint64_t k = 0; k < 100; k++)
        if (write_number(recording, "log", k, 10) < 0)
            _exit(1);
}

Test(courier, a_part_of_somebody_else_is_not_touched)
{
    char part[128];
    int file;

    run(log_100);
    snprintf(part, sizeof(part), "%s.part", output);
    file = open(part, O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(write(file, "precious", 8), 8);
    cr_assert_eq(deliver(output), -EEXIST);
    cr_assert(strstr(shared->error_text, part) != NULL);
    cr_assert_eq(lseek(file, 0, SEEK_END), 8);
    close(file);
    cr_assert_eq(deliver(other_output), 0, "%s", shared->error_text);
    assert_numbers(other_output, "/log", 0, 100);
    cr_assert_not(exists(output));
}

Test(courier, no_place_to_write_leaves_everything)
{
    run(log_100);
    cr_assert_eq(deliver("/tmp/no/such/folder/m.rrd"), -ENOENT);
    cr_assert_eq(count_files("*.spool"), 1);
    cr_assert_eq(deliver(output), 0);
    assert_numbers(output, "/log", 0, 100);
}

static void log_much(void)
{
    uint32_t recording = write_recording("rec", NULL, 0, 0);

    for (uint64_t k = 0; k < 20000; k++)
        if (write_number(recording, "log", k, 100 + k % 57) < 0)
            _exit(1);
}

Test(courier, a_disk_without_room_loses_nothing)
{
    pid_t child;

    run(log_much);
    child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){100000, 100000});
        be_courier(output, -1);
    }
    reap(child);
    cr_assert_eq(shared->result, -EFBIG);
    cr_assert(strstr(shared->error_text, "m.rrd.part") != NULL, "%s", shared->error_text);
    cr_assert_not(exists(output));
    cr_assert_eq(deliver(NULL), 0, "%s", shared->error_text);
    assert_numbers(output, "/log", 0, 20000);
}

/* --- Programs that go on ------------------------------------------------------------------------
 */

static int to_program[2];
static int to_test[2];

static void wait_for_word(int from)
{
    char byte;

    if (read(from, &byte, 1) != 1)
        _exit(3);
}

static void give_word(int to)
{
    if (write(to, "w", 1) != 1)
        _exit(3);
}

/* Logs 100 rows, and 100 more each time it is told to, three times in all. */
static void log_in_steps(void)
{
    uint32_t recording = write_recording("rec", NULL, 0, 0);

    for (uint64_t step = 0; step < 3; step++) {
        for (uint64_t k = 0; k < 100; k++)
            if (write_number(recording, "log", step * 100 + k, 10) < 0)
                _exit(1);
        give_word(to_test[1]);
        wait_for_word(to_program[0]);
    }
}

static pid_t start_steps(void)
{
    cr_assert_eq(pipe(to_program), 0);
    cr_assert_eq(pipe(to_test), 0);
    return start(log_in_steps);
}

Test(courier, a_survivor_is_named_and_its_later_rows_join_the_same_recording)
{
    pid_t program = start_steps();
    struct served served;
    size_t counts[32];

    wait_for_word(to_test[0]);
    served = serve(output);
    finish(&served, counts);
    cr_assert_eq(shared->result, 0, "%s", shared->error_text);
    cr_assert_eq(counts[COURIER_SURVIVOR], 1);
    cr_assert_eq(counts[COURIER_DONE], 1);
    assert_numbers(output, "/log", 0, 100);
    cr_assert_eq(count_files("*.spool"), 1);
    give_word(to_program[1]);
    wait_for_word(to_test[0]);
    give_word(to_program[1]);
    wait_for_word(to_test[0]);
    give_word(to_program[1]);
    reap(program);
    cr_assert_eq(deliver(NULL), 0, "%s", shared->error_text);
    assert_numbers(output, "/log", 0, 300);
    cr_assert_eq(shared->report.rows_stored, 300);
    cr_assert_eq(count_files("*"), 0);
}

Test(courier, a_recording_that_was_changed_is_not_written_over)
{
    pid_t program = start_steps();
    struct served served;
    size_t counts[32];
    int file;

    wait_for_word(to_test[0]);
    served = serve(output);
    finish(&served, counts);
    file = open(output, O_WRONLY | O_TRUNC);
    cr_assert_eq(write(file, "mine", 4), 4);
    for (int i = 0; i < 2; i++) {
        give_word(to_program[1]);
        wait_for_word(to_test[0]);
    }
    give_word(to_program[1]);
    reap(program);
    cr_assert_eq(deliver(NULL), -EEXIST);
    cr_assert_eq(lseek(file, 0, SEEK_END), 4);
    close(file);
    cr_assert_eq(deliver(other_output), 0, "%s", shared->error_text);
    assert_numbers(other_output, "/log", 100, 200);
    cr_assert_not(exists("m.rrd.part"));
}

Test(courier, a_killed_couriers_rows_move_to_another_output)
{
    pid_t program = start_steps();
    struct served served = serve(output);
    char part[128];

    wait_for_word(to_test[0]);
    snprintf(part, sizeof(part), "%s.part", output);
    /* Rows reach the file within 100 ms; only then is there anything to move. */
    for (int i = 0; i < 100; i++) {
        struct stored_texts texts = read_texts(part);
        size_t n = texts.n;

        stored_texts_done(&texts);
        if (n == 100)
            break;
        cr_assert_lt(i, 99, "no rows in the outbox");
        poll(NULL, 0, 20);
    }
    kill(served.courier, SIGKILL);
    reap(served.courier);
    for (int i = 0; i < 2; i++) {
        give_word(to_program[1]);
        wait_for_word(to_test[0]);
    }
    give_word(to_program[1]);
    reap(program);
    cr_assert_eq(deliver(other_output), 0, "%s", shared->error_text);
    assert_numbers(other_output, "/log", 0, 300);
    cr_assert_not(exists(part));
    cr_assert_not(exists(output));
}

/* --- Files for save -----------------------------------------------------------------------------
 */

static void log_to_sinks(void)
{
    uint32_t before = write_recording("rec", NULL, 0, RECORDING_SEND_PROPERTIES);
    uint32_t elsewhere = write_recording("other", NULL, 0, 0);
    uint32_t first;
    uint32_t second;

    (void)!write_number(before, "log", 0, 10);
    (void)!write_number(elsewhere, "log", 77, 10);
    first = write_recording("rec", other_output, before, 0);
    (void)!write_number(first, "log", 1, 10);
    strcat(other_output, "2");
    second = write_recording("rec", other_output, first, 0);
    (void)!write_number(second, "log", 2, 10);
}

Test(courier, save_gets_the_rows_of_its_stream)
{
    struct stored_texts texts;

    run(log_to_sinks);
    cr_assert_eq(deliver(output), 0, "%s", shared->error_text);
    texts = read_texts(output);
    cr_assert_eq(texts.n, 4);
    cr_assert_eq(texts.n_stores, 2);
    stored_texts_done(&texts);
    texts = read_texts(other_output);
    cr_assert_eq(texts.n, 2);
    cr_assert_eq(texts.n_stores, 1);
    cr_assert_eq(texts.n_properties, 1);
    cr_assert_eq(texts.n_process_rows, 0);
    cr_assert_eq(check_numbers(&texts, "/log", 0), 2, "the row before save, and the one after");
    stored_texts_done(&texts);
    strcat(other_output, "2");
    assert_numbers(other_output, "/log", 2, 1);
}

static void log_to_bad_sink(void)
{
    (void)!write_number(write_recording("rec", "/tmp/no/such/place.rrd", 0, 0), "log", 0, 10);
}

Test(courier, a_save_that_cannot_be_written_is_told_and_can_be_tried_again)
{
    run(log_to_bad_sink);
    cr_assert_eq(deliver(output), -ENOENT);
    cr_assert(strstr(shared->error_text, "/tmp/no/such/place.rrd") != NULL);
    assert_numbers(output, "/log", 0, 1);
    cr_assert_eq(deliver(NULL), -ENOENT, "the session remembers");
    assert_numbers(output, "/log", 0, 1);
}

/* --- Large rows ---------------------------------------------------------------------------------
 */

static void log_large(void)
{
    uint32_t recording;

    spool_state.requested_size = SPOOL_MIN_SIZE;
    recording = write_recording("rec", NULL, 0, 0);
    for (uint64_t k = 0; k < 4; k++)
        if (write_number(recording, "log", k, k % 2 ? 3000000 : 50000) < 0)
            _exit(1);
}

Test(courier, rows_larger_than_the_spool_arrive_and_their_files_go)
{
    run(log_large);
    cr_assert_eq(count_files("*.side"), 2);
    cr_assert_eq(deliver(output), 0, "%s", shared->error_text);
    assert_numbers(output, "/log", 0, 4);
    cr_assert_eq(count_files("*"), 0);
}

/* --- Waiting for storage ------------------------------------------------------------------------
 */

static void log_and_wait(void)
{
    uint32_t recording = write_recording("rec", NULL, 0, 0);

    for (uint64_t k = 0; k < 50; k++) {
        if (write_number(recording, "log", k, 10) < 0 || lastword_spool_v1.wait_stored(10000) < 0)
            _exit(1);
    }
}

Test(courier, a_program_can_wait_until_it_is_stored)
{
    struct served served = serve(output);
    size_t counts[32];

    run(log_and_wait);
    finish(&served, counts);
    cr_assert_eq(counts[COURIER_SURVIVOR], 0);
    assert_numbers(output, "/log", 0, 50);
}

/* --- A small spool, a busy program --------------------------------------------------------------
 */

static void log_through_a_small_spool(void)
{
    uint32_t recording;

    spool_state.requested_size = SPOOL_MIN_SIZE;
    spool_state.full_wait_ms = 60000;
    recording = write_recording("rec", NULL, 0, 0);
    for (uint64_t k = 0; k < 30000; k++)
        if (write_number(recording, "log", k, 300) < 0)
            _exit(1);
}

Test(courier, more_rows_than_the_spool_holds_go_through_it)
{
    struct served served = serve(output);
    size_t counts[32];

    run(log_through_a_small_spool);
    finish(&served, counts);
    assert_numbers(output, "/log", 0, 30000);
    cr_assert_eq(shared->report.rows_refused, 0);
}

static void fork_much(void)
{
    uint32_t recording;

    spool_state.requested_size = SPOOL_MIN_SIZE;
    recording = write_recording("rec", NULL, 0, 0);
    for (uint64_t i = 0; i < 300; i++) {
        pid_t child = fork();

        if (child == 0)
            _exit(write_number(recording, "log", i, 100) < 0);
        if (waitpid(child, NULL, 0) != child)
            _exit(1);
        if (i % 10 == 9 && lastword_spool_v1.wait_stored(10000) < 0)
            _exit(1);
        poll(NULL, 0, 1);
    }
}

Test(courier, slots_and_blocks_of_dead_children_are_used_again)
{
    struct served served = serve(output);
    size_t counts[32];

    run(fork_much);
    finish(&served, counts);
    assert_numbers(output, "/log", 0, 300);
    cr_assert_eq(shared->report.n_processes, 300, "%u", shared->report.n_processes);
}

/* --- Killing the courier ------------------------------------------------------------------------
 */

static void log_in_processes(void)
{
    uint32_t recording = write_recording("rec", NULL, 0, 0);

    for (int logger = 0; logger < 3; logger++) {
        char entity[16];

        snprintf(entity, sizeof(entity), "log_%d", logger);
        if (logger < 2 && fork() != 0)
            continue;
        for (uint64_t k = 0; k < 4000; k++) {
            if (write_number(recording, entity, k, k % 400 == 0 ? 40000 : k % 90) < 0)
                _exit(1);
            shared->n_logged[logger]++;
            if (k % 10 == 9)
                poll(NULL, 0, 1); /* so that there is time to kill */
        }
        if (logger < 2)
            _exit(0);
    }
    while (wait(NULL) > 0)
        ;
}

/*
 * Couriers are killed at moments drawn from the seed, and come again, while three processes log.
 * The pauses are the stimulus, not synchronisation: any moment must do.
 */
/* Returns how many were killed. */
static size_t kill_couriers(unsigned int seed)
{
    pid_t program = start(log_in_processes);
    struct stored_texts texts;
    size_t n_kills = 0;

    while (waitpid(program, NULL, WNOHANG) == 0) {
        pid_t courier = fork();

        if (courier == 0)
            be_courier(output, -1);
        poll(NULL, 0, rand_r(&seed) % 12);
        kill(courier, SIGKILL);
        reap(courier);
        n_kills++;
    }
    /* And while the last one finishes. */
    for (int i = 0; i < 5 && !exists(output); i++) {
        pid_t courier = fork();

        if (courier == 0)
            be_courier(output, -1);
        poll(NULL, 0, rand_r(&seed) % 8);
        kill(courier, SIGKILL);
        reap(courier);
        n_kills++;
    }
    if (count_files("*") > 0)
        cr_assert_eq(deliver(output), 0, "%s", shared->error_text);
    texts = read_texts(output);
    cr_assert_eq(texts.result, 0);
    cr_assert_eq(check_numbers(&texts, "/log_0", 0), 4000);
    cr_assert_eq(check_numbers(&texts, "/log_1", 0), 4000);
    cr_assert_eq(check_numbers(&texts, "/log_2", 0), 4000);
    cr_assert_eq(texts.n_stores, 1);
    stored_texts_done(&texts);
    return n_kills;
}

Test(courier, killed_at_any_moment_it_neither_loses_nor_repeats)
{
    size_t n_kills = 0;

    for (unsigned int seed = 1; seed <= 4 || n_kills < 20; seed++) {
        n_kills += kill_couriers(seed);
        remove_session();
        make_session();
    }
}

/* --- Damage -------------------------------------------------------------------------------------
 */

static char *find_spool(char path[SESSION_PATH_SIZE + 64])
{
    glob_t found;

    snprintf(path, SESSION_PATH_SIZE + 64, "%s/*.spool", session);
    cr_assert_eq(glob(path, 0, NULL, &found), 0);
    strcpy(path, found.gl_pathv[0]);
    globfree(&found);
    return path;
}

static void log_for_damage(void)
{
    uint32_t recording;

    spool_state.requested_size = SPOOL_MIN_SIZE;
    recording = write_recording("rec", NULL, 0, 0);
    for (uint64_t k = 0; k < 60; k++)
        if (write_number(recording, "log", k, k % 20 == 7 ? 40000 : k * 3) < 0)
            _exit(1);
}

Test(courier, a_spool_of_another_version_is_left_alone)
{
    char path[SESSION_PATH_SIZE + 64];
    uint32_t version = SPOOL_VERSION + 1;
    int file;

    run(log_100);
    file = open(find_spool(path), O_RDWR);
    cr_assert_eq(pwrite(file, &version, 4, offsetof(struct spool_header, version)), 4);
    cr_assert_eq(deliver(output), 0);
    cr_assert(strstr(shared->report.text, "another version") != NULL, "%s", shared->report.text);
    cr_assert(exists(path));
    version = SPOOL_VERSION;
    cr_assert_eq(pwrite(file, &version, 4, offsetof(struct spool_header, version)), 4);
    close(file);
    cr_assert_eq(deliver(NULL), 0, "%s", shared->error_text);
    assert_numbers(output, "/log", 0, 100);
}

Test(courier, a_spool_that_is_cut_under_its_hands_does_not_kill_it)
{
    pid_t program = start_steps();
    struct served served = serve(output);
    char path[SESSION_PATH_SIZE + 64];
    size_t counts[32];

    wait_for_word(to_test[0]);
    cr_assert_eq(truncate(find_spool(path), 4096), 0);
    say(&served, COURIER_PROCESS_ENDED, 1, 0);
    kill(program, SIGKILL);
    reap(program);
    finish(&served, counts);
    cr_assert_eq(counts[COURIER_DONE], 1);
    cr_assert_eq(shared->result, 0, "%s", shared->error_text);
}

/* Changes bytes where they hurt: header, directory, heads of blocks, records. */
static void damage(uint8_t *bytes, size_t size, unsigned int *seed)
{
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
    int n = 1 + rand_r(seed) % 6;

    while (n-- > 0) {
        size_t where = (size_t)rand_r(seed);

        switch (rand_r(seed) % 4) {
        case 0:
            where %= 384;
            break;
        case 1:
            where = SPOOL_PAGE + where % 512;
            break;
        case 2:
            where = 16384 + where % 24 * SPOOL_BLOCK_SIZE + where / 24 % 160;
            break;
        default:
            where = 16384 + where % (24 * SPOOL_BLOCK_SIZE);
        }
        if (where < size)
            bytes[where] =
                rand_r(seed) % 2 ? values[rand_r(seed) % 5] : (uint8_t)(bytes[where] + 8);
    }
}

/* Whatever stands in a spool: the courier ends, and what it wrote can be read. */
Test(courier, damaged_spools_are_survived)
{
    char path[SESSION_PATH_SIZE + 64];
    unsigned int seed = 20261123;
    uint8_t *good;
    int file;

    run(log_for_damage);
    file = open(find_spool(path), O_RDWR);
    good = malloc(SPOOL_MIN_SIZE);
    cr_assert_eq(pread(file, good, SPOOL_MIN_SIZE, 0), SPOOL_MIN_SIZE);
    close(file);
    for (int round = 0; round < 150; round++) {
        uint8_t *bad = malloc(SPOOL_MIN_SIZE);
        struct stored_texts texts;
        int result;

        memcpy(bad, good, SPOOL_MIN_SIZE);
        damage(bad, SPOOL_MIN_SIZE, &seed);
        spool_test_session_remove(session);
        cr_assert_eq(mkdir(session, 0700), 0);
        file = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
        cr_assert_eq(write(file, bad, SPOOL_MIN_SIZE), SPOOL_MIN_SIZE);
        close(file);
        free(bad);
        result = deliver(output);
        cr_assert_eq(result, 0, "round %d: %d %s", round, result, shared->error_text);
        texts = read_texts(output);
        cr_assert_eq(texts.result, 0, "round %d", round);
        cr_assert_leq(texts.n, 61, "round %d: %zu rows out of 60", round, texts.n);
        stored_texts_done(&texts);
    }
    free(good);
}
