/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a row may cost, on the real library and a real spool: once a process has begun, no
 * allocation on any way of logging, in children of any kind neither; and no system call while the
 * rows fit into the thread's block. The allocator is this program's own, and refuses from then on.
 *
 * Exit status: 0, or the number of the check that failed, which is told on stderr.
 */
#include "sdk/include/lastword.h"
#include "sdk/record/record.h"
#include "sdk/spool/session.h"
#include "tests/support/spool_records.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_ROWS         200 /* of each kind */
#define N_ROWS_QUIETLY 40  /* fewer than fit into a block */

/* --- The allocator ------------------------------------------------------------ */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static atomic_bool is_forbidden;
static atomic_int n_allocations;

static bool refuse(void)
{
    if (!is_forbidden)
        return false;
    n_allocations++;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return refuse() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return refuse() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *memory, size_t size)
{
    return refuse() ? NULL : __libc_realloc(memory, size);
}

/* --- Rows --------------------------------------------------------------------- */

static rr_component_type_handle scalar_type;

static void release_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static void release_array(struct ArrowArray *array)
{
    array->release = NULL;
}

static void register_scalar(rr_error *error)
{
    rr_component_type type = {
        .descriptor = {.component = rr_make_string("Scalars:scalars")},
        .schema = {.format = "g", .release = release_schema},
    };

    scalar_type = rr_register_component_type(type, error);
}

static void log_scalar(rr_error *error)
{
    const double value = 0.5;
    const void *buffers[] = {NULL, &value};
    rr_component_batch batch = {
        scalar_type,
        {.length = 1, .n_buffers = 2, .buffers = buffers, .release = release_array},
    };
    rr_data_row row = {rr_make_string("scalar"), 1, &batch};

    rr_recording_stream_log(RR_REC_STREAM_CURRENT_RECORDING, row, true, error);
}

/* One row of each kind; true when all were accepted. */
static bool log_all(int64_t frame, rr_error *error)
{
    static const float box[] = {5, 5, 80, 80};
    static const char *const label = "label";

    rr_recording_stream_set_time(RR_REC_STREAM_CURRENT_RECORDING, rr_make_string("frame"),
                                 RR_TIME_TYPE_SEQUENCE, frame, error);
    log_scalar(error);
    return lw_log_text("log", LW_LEVEL_INFO, "a line of text that is as long as most", error) &&
           lw_log_textf("log", NULL, error, "row %d of %.1f", (int)frame, 200.0) &&
           lw_log_boxes2d(
               "box",
               &(struct lw_boxes2d){.n_boxes = 1, .boxes = box, .n_labels = 1, .labels = &label},
               error) &&
           error->code == RR_ERROR_CODE_OK;
}

static int log_many(void)
{
    rr_error error = {0};

    for (int i = 0; i < N_ROWS; i++) {
        if (!log_all(i, &error))
            return 1;
    }
    return 0;
}

/*
 * From here on each system call but exit ends the process. (The strict mode of seccomp would do,
 * but it takes the clock's counter away too.)
 */
static bool forbid_system_calls(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int log_quietly(void)
{
    rr_error error = {0};
    int status = 0;

    if (!lw_log_text("quiet", NULL, "the first takes a block", &error) || !forbid_system_calls())
        return 2;
    for (int i = 0; i < N_ROWS_QUIETLY && status == 0; i++)
        status = !lw_log_text("quiet", LW_LEVEL_INFO, "a line of text", &error);
    syscall(SYS_exit, status);
    return 3;
}

/* --- Processes ---------------------------------------------------------------- */

static pid_t fork_raw(void)
{
    return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

/* Runs `work` in a child, and gives what it leaves with; 128 + signal. */
static int run(pid_t (*make)(void), int (*work)(void))
{
    pid_t child = make();
    int status;

    if (child == 0)
        _exit(work());
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 255;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static size_t count_rows(const char *session)
{
    struct spool_test_records records = spool_test_read(session);
    size_t n = 0;

    for (size_t i = 0; i < records.n; i++)
        n += records.at[i].kind == RECORD_ROW;
    spool_test_records_free(&records);
    return n;
}

static void check(int number, bool is_fine, const char *what)
{
    if (is_fine)
        return;
    is_forbidden = false;
    fprintf(stderr, "hot_path: %s (%d allocations)\n", what, n_allocations);
    exit(number);
}

int main(void)
{
    char session[SESSION_PATH_SIZE];
    rr_error error = {0};
    size_t n_rows;

    spool_test_session_make(session);
    setenv("LASTWORD_SESSION", session, 1);
    register_scalar(&error);
    check(1, lw_init(NULL, &error) && log_all(0, &error), error.description);
    is_forbidden = true;
    check(2, log_many() == 0, "a row was refused");
    check(3, run(fork, log_many) == 0, "a row was refused after fork");
    check(4, run(_Fork, log_many) == 0, "a row was refused after _Fork");
    check(5, run(fork_raw, log_many) == 0, "a row was refused after a raw clone");
    check(6, n_allocations == 0, "something was allocated");
    check(7, run(fork, log_quietly) == 0, "a row made a system call");
    is_forbidden = false;
    n_rows = count_rows(session);
    spool_test_session_remove(session);
    check(8, n_rows == 4 + 4 * 4 * N_ROWS + 1 + N_ROWS_QUIETLY, "rows are missing in the spool");
    return 0;
}
