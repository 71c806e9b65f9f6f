/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Children of every kind, threads and signal handlers log to the parent's recording without calling
 * anything first. What they write lands in shared memory, where the parent looks at it.
 */
#include "arrow_build.h"
#include "fake_spool.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static rr_component_type_handle scalar_type;

static void start(void)
{
    struct built_schema type;

    schema_build(&type, "g", "item", true);
    scalar_type = component_register("Scalars:scalars", &type);
    fake_start();
}

TestSuite(processes, .init = start);

/* Logs a row of each kind of call; returns the number that was refused. */
static int log_all(void)
{
    const float box[] = {5, 5, 80, 80};
    const double scalar = 0.5;
    struct built_array array;
    rr_error error = {0};
    rr_component_batch batch = {.component_type = scalar_type};
    int n_refused = 0;

    n_refused += !lw_log_text("log", "INFO", "text", &error);
    n_refused += !lw_log_boxes2d("box", &(struct lw_boxes2d){.n_boxes = 1, .boxes = box}, &error);
    array_build(&array, 1, 2, NULL, &scalar, NULL);
    batch.array = array.array;
    rr_recording_stream_log(RR_REC_STREAM_CURRENT_RECORDING,
                            (rr_data_row){STRING("scalar"), 1, &batch}, true, &error);
    return n_refused + (error.code != RR_ERROR_CODE_OK);
}

/* All rows from `first` on are whole and in the one recording. */
static void assert_rows(uint32_t first, uint32_t n)
{
    struct record_recording_view recording;
    struct record_row_view row;

    cr_assert_eq(fake_count(RECORD_ROW), first + n);
    cr_assert_eq(fake_count(RECORD_DEFINE_RECORDING), 1);
    fake_recording_at(0, &recording);
    for (uint32_t i = first; i < first + n; i++) {
        fake_row_at(i, &row);
        cr_assert_eq(row.head->recording_id, recording.head->id);
        for (size_t k = 0; k < row.n_batches; k++)
            fake_batch(&row, row.batches[k].component_id);
    }
}

static pid_t fork_raw(void)
{
    return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

Test(processes, forked_children)
{
    pid_t (*const ways[])(void) = {fork, _Fork, fork_raw};

    for (uint32_t i = 0; i < 3; i++) {
        pid_t child = ways[i]();

        if (child == 0)
            _exit(log_all());
        cr_assert_eq(fake_wait(child), 0);
        assert_rows(3 * i, 3);
        cr_assert_eq(fake_record_at(RECORD_ROW, 3 * i)->pid, child);
    }
}

Test(processes, children_of_children)
{
    pid_t child = fork();

    if (child == 0) {
        pid_t grandchild = fork();

        if (grandchild == 0)
            _exit(log_all());
        _exit(fake_wait(grandchild) + log_all());
    }
    cr_assert_eq(fake_wait(child), 0);
    assert_rows(0, 6);
}

Test(processes, a_vforked_child)
{
    pid_t child = vfork();

    if (child == 0)
        _exit(!lw_log_text("log", NULL, "text", NULL));
    cr_assert_eq(fake_wait(child), 0);
    assert_rows(0, 1);
    cr_assert_eq(log_all(), 0);
    assert_rows(0, 4);
}

static int log_in_clone(void *argument)
{
    (void)argument;
    return log_all();
}

Test(processes, a_child_that_shares_the_memory)
{
    const size_t size = 256 << 10;
    char *stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pid_t child;

    cr_assert(stack != MAP_FAILED);
    child = clone(log_in_clone, stack + size, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    cr_assert_eq(fake_wait(child), 0);
    assert_rows(0, 3);
    munmap(stack, size);
}

/* --- Threads ------------------------------------------------------------------ */

#define N_THREADS 4
#define N_ROWS    50

static void *log_many(void *argument)
{
    int *n_refused = argument;

    for (int i = 0; i < N_ROWS; i++)
        *n_refused += log_all();
    return NULL;
}

Test(processes, threads_and_children_of_a_threaded_process)
{
    pthread_t threads[N_THREADS];
    int n_refused[N_THREADS] = {0};

    for (size_t i = 0; i < N_THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, log_many, &n_refused[i]), 0);
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();

        if (child == 0)
            _exit(log_all());
        cr_assert_eq(fake_wait(child), 0);
    }
    for (size_t i = 0; i < N_THREADS; i++) {
        pthread_join(threads[i], NULL);
        cr_assert_eq(n_refused[i], 0);
    }
    assert_rows(0, 3 * (N_THREADS * N_ROWS + 20));
}

/* --- Signals ------------------------------------------------------------------ */

static volatile sig_atomic_t n_handled;

static void log_in_handler(int number)
{
    (void)number;
    if (log_all() == 0)
        n_handled++;
}

static void do_nothing(int number)
{
    (void)number;
}

/* Runs the handler on a stack of its own; returns how many bytes of it were used. */
static size_t measure_stack(void (*handler)(int))
{
    static uint8_t memory[256 << 10];
    stack_t stack = {.ss_sp = memory, .ss_size = sizeof(memory)};
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
    size_t untouched = 0;

    memset(memory, 0xa5, sizeof(memory));
    cr_assert_eq(sigaltstack(&stack, NULL), 0);
    cr_assert_eq(sigaction(SIGUSR1, &action, NULL), 0);
    raise(SIGUSR1);
    while (untouched < sizeof(memory) && memory[untouched] == 0xa5)
        untouched++;
    return sizeof(memory) - untouched;
}

Test(processes, a_handler_needs_little_stack)
{
    size_t frame_size = measure_stack(do_nothing); /* what the kernel puts there */
    size_t size = measure_stack(log_in_handler);

    cr_assert_eq(n_handled, 1);
    assert_rows(0, 3);
#if !defined(__SANITIZE_ADDRESS__) && defined(__OPTIMIZE__)
    /* The handler's own rr_error takes 2 KiB of these. */
    cr_assert(size - frame_size <= 8192, "%zu bytes", size - frame_size);
#else
    cr_assert(size > frame_size);
#endif
}

Test(processes, handlers_in_the_middle_of_calls)
{
    struct sigaction action = {.sa_handler = log_in_handler};
    const struct itimerspec often = {{0, 50000}, {0, 50000}};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t timer;
    uint32_t n_logged = 0;
    rr_error error = {0};

    cr_assert_eq(sigaction(SIGUSR1, &action, NULL), 0);
    cr_assert_eq(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    cr_assert_eq(timer_settime(timer, 0, &often, NULL), 0);
    while (n_handled < 200 && n_logged < 500) {
        rr_recording_stream_set_time(RR_REC_STREAM_CURRENT_RECORDING, STRING("frame"),
                                     RR_TIME_TYPE_SEQUENCE + n_logged % 3, n_logged, &error);
        rr_recording_stream_disable_timeline(RR_REC_STREAM_CURRENT_RECORDING,
                                             STRING(n_logged % 2 ? "frame" : "other"), &error);
        cr_assert_eq(log_all(), 0);
        n_logged++;
    }
    timer_delete(timer);
    assert_no_error(error);
    assert_rows(0, 3 * (n_logged + (uint32_t)n_handled));
}
