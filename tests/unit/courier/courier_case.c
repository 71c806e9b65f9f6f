/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See courier_case.h. */
#include "courier_case.h"

#include "tests/support/spool_records.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

char session[SESSION_PATH_SIZE];
char folder[64];
char output[96];
char other_output[96];

struct case_shared *shared;

void case_begin(void)
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

void case_end(void)
{
    spool_test_session_remove(session);
    spool_test_session_remove(folder); /* a flat folder, too */
}

/* --- Programs and couriers ---------------------------------------------------------------------
 */

pid_t start_program(void (*body)(void))
{
    pid_t child = fork();

    cr_assert(child >= 0);
    if (child == 0) {
        body();
        _exit(0);
    }
    return child;
}

void reap(pid_t child)
{
    int status;

    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0, "status %#x", status);
}

void run_program(void (*body)(void))
{
    reap(start_program(body));
}

_Noreturn void be_courier(const char *to, int control)
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
int deliver(const char *to)
{
    pid_t child;

    shared->error_text[0] = 0;
    child = fork();
    if (child == 0)
        be_courier(to, -1);
    reap(child);
    return shared->result;
}

struct served serve(const char *to)
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

void say(const struct served *served, uint32_t kind, int32_t pid, int32_t wait_status)
{
    const struct courier_message message = {.kind = kind, .pid = pid, .wait_status = wait_status};

    cr_assert_eq(send(served->control, &message, sizeof(message), MSG_NOSIGNAL), sizeof(message));
}

/* Reads until the end of file; counts messages by kind. */
void hear(const struct served *served, size_t counts[32])
{
    struct courier_message message;

    memset(counts, 0, 32 * sizeof(*counts));
    while (recv(served->control, &message, sizeof(message), 0) == (ssize_t)sizeof(message))
        counts[message.kind % 32]++;
}

void finish(const struct served *served, size_t counts[32])
{
    say(served, COURIER_FINISH, 0, 0);
    hear(served, counts);
    reap(served->courier);
    close(served->control);
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

size_t count_files(const char *pattern)
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
uint64_t check_numbers(const struct stored_texts *texts, const char *entity, uint64_t first)
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

void assert_numbers(const char *path, const char *entity, uint64_t first, uint64_t n)
{
    struct stored_texts texts = read_texts(path);

    cr_assert_eq(texts.result, 0, "%s: %d", path, texts.result);
    cr_assert_eq(check_numbers(&texts, entity, first), n);
    stored_texts_done(&texts);
}

void assert_blueprint(const char *path, unsigned int number, bool is_there)
{
    struct stored_blueprint stored = read_blueprint(path, number);
    size_t n = is_there ? 1 : 0;

    cr_assert(stored.n_infos == n && stored.n_chunks == n && stored.n_commands == n,
              "%s: blueprint %u has %zu infos, %zu chunks, %zu commands, not %zu of each", path,
              number, stored.n_infos, stored.n_chunks, stored.n_commands, n);
    cr_assert(stored.is_in_order || !is_there);
}

void log_100(void)
{
    uint32_t recording = write_recording("rec", NULL, 0, 0);

    for (uint64_t k = 0; k < 100; k++)
        if (write_number(recording, "log", k, 10) < 0)
            _exit(1);
}

void log_much(void)
{
    uint32_t recording = write_recording("rec", NULL, 0, 0);

    for (uint64_t k = 0; k < 20000; k++)
        if (write_number(recording, "log", k, 100 + k % 57) < 0)
            _exit(1);
}

/* --- Programs that go on ------------------------------------------------------------------------
 */

int to_program[2];
int to_test[2];

void wait_for_word(int from)
{
    char byte;

    if (read(from, &byte, 1) != 1)
        _exit(3);
}

void give_word(int to)
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

pid_t start_steps(void)
{
    cr_assert_eq(pipe(to_program), 0);
    cr_assert_eq(pipe(to_test), 0);
    return start_program(log_in_steps);
}

bool mount_tmpfs(const char *where, const char *options)
{
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", where, "tmpfs", 0, options) == 0;
}

/* Rows until there is no room for a second, then children, each with a row, and so on. */

char *find_spool(char path[SESSION_PATH_SIZE + 64])
{
    glob_t found;

    snprintf(path, SESSION_PATH_SIZE + 64, "%s/*.spool", session);
    cr_assert_eq(glob(path, 0, NULL, &found), 0);
    strcpy(path, found.gl_pathv[0]);
    globfree(&found);
    return path;
}
