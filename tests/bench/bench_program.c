/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What bench.py times: a program on lastword's SDK that measures one thing and prints it as "NAME
 * VALUE" lines. Baselines are measured in the same loop, batch by batch, so that a noisy machine
 * hits both.
 */
#include "lastword.h"

#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define N_BATCHES  300
#define BATCH_ROWS 500
#define N_CHILDREN 400

extern char **environ;

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;

    return a < b ? -1 : a > b;
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof(*values), ascending);
    return values[n / 2];
}

/* Shared with children, who measure themselves. */
static double *shared_numbers(void)
{
    double *numbers = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (numbers == MAP_FAILED)
        err(3, "mmap");
    return numbers;
}

/*
 * --- append: nanoseconds per row, beside memcpy and write() of the same bytes. The courier stores
 * each batch before the next: rows faster than it takes them are what `stream` measures.
 * --------------------
 */

static char row_text[4097];
static size_t row_size;
static bool boxes;

static void log_one(void)
{
    static const float box[4] = {10, 20, 30, 40};
    static const char *const label = "a labelled box";
    static rr_error error; /* written to on failure only; clearing its 2 KiB for each row is dearer
                              than the row */
    bool done;

    if (boxes)
        done = lw_log_boxes2d(
            "bench/box",
            &(struct lw_boxes2d){.n_boxes = 1, .boxes = box, .n_labels = 1, .labels = &label},
            &error);
    else
        done = lw_log_text("bench/text", NULL, row_text, &error);
    if (!done)
        errx(3, "%s", error.description);
}

static void copy_one(int file)
{
    static char ring[1 << 16];
    static size_t at;

    (void)file;
    memcpy(ring + at, row_text, row_size);
    __asm__ volatile("" ::: "memory");
    at = (at + row_size) % (sizeof(ring) - sizeof(row_text));
}

static void write_one(int file)
{
    if (write(file, row_text, row_size) != (ssize_t)row_size)
        err(3, "write");
}

static void log_row(int file)
{
    (void)file;
    log_one();
}

static double time_batch(void (*one)(int), int file)
{
    double begin = now_ns();

    for (int i = 0; i < BATCH_ROWS; i++)
        one(file);
    return (now_ns() - begin) / BATCH_ROWS;
}

static void *append_in_thread(void *name)
{
    static double times[2][3][N_BATCHES];
    static _Atomic int n_threads;
    double(*own)[N_BATCHES] = times[atomic_fetch_add(&n_threads, 1) & 1];
    int file = memfd_create("baseline", MFD_CLOEXEC);

    if (file < 0)
        err(3, "memfd_create");
    for (int batch = 0; batch < N_BATCHES; batch++) {
        own[0][batch] = time_batch(log_row, file);
        own[1][batch] = time_batch(copy_one, file);
        own[2][batch] = time_batch(write_one, file);
        if (lseek(file, 0, SEEK_SET) < 0)
            err(3, "lseek");
        rr_recording_stream_flush_blocking(RR_REC_STREAM_CURRENT_RECORDING, 10, NULL);
    }
    printf("%s_row_ns %.1f\n", (char *)name, median(own[0], N_BATCHES));
    printf("%s_memcpy_ns %.1f\n", (char *)name, median(own[1], N_BATCHES));
    printf("%s_write_ns %.1f\n", (char *)name, median(own[2], N_BATCHES));
    return NULL;
}

static void append(const char *kind, int n_threads)
{
    static char name[64];
    pthread_t threads[2];

    boxes = strcmp(kind, "box") == 0;
    row_size = boxes ? 64 : strtoul(kind, NULL, 10);
    memset(row_text, 'x', row_size);
    snprintf(name, sizeof(name), "%s_%dt", kind, n_threads);
    for (int i = 0; i < n_threads; i++) {
        if (pthread_create(&threads[i], NULL, append_in_thread, name) != 0)
            errx(3, "no thread");
    }
    for (int i = 0; i < n_threads; i++)
        pthread_join(threads[i], NULL);
}

/* --- children ----------------------------------------------------------------------------------
 */

/* A child's first row; with 10,000 rows or none, how long its _exit takes until the parent knows.
 */
static double time_child(double *shared, int n_rows, bool first)
{
    pid_t child = fork();

    if (child == 0) {
        double begin = now_ns();

        for (int i = 0; i < n_rows; i++)
            log_one();
        while (n_rows == 0 && now_ns() - begin < shared[1])
            ;
        if (n_rows > 1)
            shared[1] = now_ns() - begin;
        shared[0] = first ? now_ns() - begin : now_ns();
        _exit(0);
    }
    if (waitpid(child, NULL, 0) != child)
        err(3, "waitpid");
    return first ? shared[0] : now_ns() - shared[0];
}

static void children(void)
{
    double *shared = shared_numbers();
    static double first[N_CHILDREN], empty[N_CHILDREN], full[N_CHILDREN];

    row_size = 64;
    memset(row_text, 'x', row_size);
    log_one();
    for (int i = 0; i < N_CHILDREN; i++)
        first[i] = time_child(shared, 1, true);
    for (int i = 0; i < N_CHILDREN / 4; i++) {
        full[i] = time_child(shared, 10000, false);
        empty[i] = time_child(shared, 0, false);
    }
    printf("first_row_us %.1f\n", median(first, N_CHILDREN) / 1e3);
    printf("exit_0_rows_us %.1f\n", median(empty, N_CHILDREN / 4) / 1e3);
    printf("exit_10000_rows_us %.1f\n", median(full, N_CHILDREN / 4) / 1e3);
}

/* --- processes: fork and exec, as the shim finds them; bench.py runs it with and without
 * ------------- */

static double time_fork(void)
{
    double begin = now_ns();
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    if (waitpid(child, NULL, 0) != child)
        err(3, "waitpid");
    return now_ns() - begin;
}

static double time_exec(void)
{
    char *const arguments[] = {(char *)(uintptr_t) "/bin/true", NULL};
    double begin = now_ns();
    pid_t child;

    if (posix_spawn(&child, "/bin/true", NULL, NULL, arguments, environ) != 0)
        err(3, "posix_spawn");
    if (waitpid(child, NULL, 0) != child)
        err(3, "waitpid");
    return now_ns() - begin;
}

static void processes(void)
{
    static double forks[N_CHILDREN], execs[N_CHILDREN];

    for (int i = 0; i < N_CHILDREN; i++) {
        forks[i] = time_fork();
        execs[i] = time_exec();
    }
    printf("fork_us %.1f\nexec_us %.1f\n", median(forks, N_CHILDREN) / 1e3,
           median(execs, N_CHILDREN) / 1e3);
}

/* --- stream: as many rows as the courier takes ---------------------------------------------------
 */

static void stream(double seconds)
{
    double begin = now_ns();
    unsigned long n = 0;

    row_size = 64;
    memset(row_text, 'x', row_size);
    while (now_ns() - begin < seconds * 1e9) {
        for (int i = 0; i < 1000; i++)
            log_one();
        n += 1000;
    }
    printf("stream_rows %lu\nstream_seconds %.3f\n", n, (now_ns() - begin) / 1e9);
}

/* --- memory: anonymous, that is, neither files nor the shared spool
 * -------------------------------------------------------
 */

static unsigned long private_kib(void)
{
    FILE *file = fopen("/proc/self/smaps_rollup", "re");
    char line[256];
    unsigned long total = 0;
    unsigned long kib;

    if (!file)
        err(3, "/proc/self/smaps_rollup");
    while (fgets(line, sizeof(line), file)) {
        if (sscanf(line, "Anonymous: %lu", &kib) == 1)
            total += kib;
    }
    fclose(file);
    return total;
}

static void memory(void)
{
    row_size = 64;
    memset(row_text, 'x', row_size);
    for (int i = 0; i < 1000; i++) {
        boxes = i % 2;
        log_one();
    }
    printf("private_kib %lu\n", private_kib());
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    rr_error error = {0};

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (strcmp(what, "processes") == 0) {
        processes();
        return 0;
    }
    if (strcmp(what, "idle") == 0) {
        printf("private_kib %lu\n", private_kib());
        return 0;
    }
    if (!lw_init(&(struct lw_options){.application_id = "lastword_bench"}, &error))
        errx(3, "%s", error.description);
    if (strcmp(what, "append") == 0 && argc == 4)
        append(argv[2], atoi(argv[3]));
    else if (strcmp(what, "children") == 0)
        children();
    else if (strcmp(what, "stream") == 0 && argc == 3)
        stream(atof(argv[2]));
    else if (strcmp(what, "memory") == 0)
        memory();
    else
        errx(2, "usage: bench_program append 64|4096|box THREADS | children | processes | "
                "stream SECONDS | memory | idle");
    return 0;
}
