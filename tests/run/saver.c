/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * usage: saver IN OUT FILE OTHER_FILE
 *
 * Makes a recording, then does what it is told. Each byte read from descriptor IN is an order,
 * answered on OUT by a line: the order, and how many milliseconds it took.
 *     s   save to FILE             o   save to OTHER_FILE       2   both files and a viewer
 *     l   log 100 texts "row"      t   a thread logs them       c   a child logs them
 *     C   a child logs them and frees its copy of the stream
 *     T   a thread and a child log them, and the stream is freed at once
 *     n   no sink                  f   free the stream          q   end; so does an end of file
 */
#include <lastword.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static rr_recording_stream stream;
static rr_string files[2];

static void check(const rr_error *error)
{
    if (error->code != RR_ERROR_CODE_OK) {
        fprintf(stderr, "saver: %s\n", error->description);
        _exit(8);
    }
}

static void *log_hundred(void *unused)
{
    rr_error error = {0};

    (void)unused;
    for (int i = 0; i < 100; i++) {
        lw_log_text("log", NULL, "row", &error);
        check(&error);
    }
    return NULL;
}

static void log_in_thread(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, log_hundred, NULL) != 0 || pthread_join(thread, NULL) != 0) {
        _exit(7);
    }
}

static void log_in_child(bool frees)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        log_hundred(NULL);
        if (frees) {
            rr_recording_stream_free(stream);
        }
        _exit(0);
    }
    if (waitpid(child, &status, 0) != child || status != 0) {
        _exit(6);
    }
}

static void save_to(rr_string file)
{
    rr_error error = {0};

    rr_recording_stream_save(stream, file, &error);
    check(&error);
}

static void set_sinks(uint32_t n)
{
    rr_error error = {0};
    rr_log_sink sinks[3] = {
        {.kind = RR_LOG_SINK_KIND_FILE, .file = {files[0]}},
        {.kind = RR_LOG_SINK_KIND_GRPC},
        {.kind = RR_LOG_SINK_KIND_FILE, .file = {files[1]}},
    };

    rr_recording_stream_set_sinks(stream, sinks, n, &error);
    check(&error);
}

static void obey(char order)
{
    switch (order) {
    case 's':
        save_to(files[0]);
        break;
    case 'o':
        save_to(files[1]);
        break;
    case '2':
        set_sinks(3);
        break;
    case 'n':
        set_sinks(0);
        break;
    case 'l':
        log_hundred(NULL);
        break;
    case 't':
        log_in_thread();
        break;
    case 'c':
    case 'C':
        log_in_child(order == 'C');
        break;
    case 'T':
        log_in_thread();
        log_in_child(false);
        rr_recording_stream_free(stream);
        break;
    case 'f':
        rr_recording_stream_free(stream);
        break;
    default:
        _exit(5);
    }
}

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
    const rr_store_info info = {
        .application_id = rr_make_string("saver"),
        .store_kind = RR_STORE_KIND_RECORDING,
    };
    rr_error error = {0};
    char order;

    if (argc != 5) {
        fprintf(stderr, "usage: saver IN OUT FILE OTHER_FILE\n");
        return 9;
    }
    files[0] = rr_make_string(argv[3]);
    files[1] = rr_make_string(argv[4]);
    stream = rr_recording_stream_new(&info, true, true, &error);
    check(&error);
    rr_recording_stream_set_global(stream, RR_STORE_KIND_RECORDING);
    while (read(atoi(argv[1]), &order, 1) == 1 && order != 'q') {
        long start_ms = now_ms();

        obey(order);
        dprintf(atoi(argv[2]), "%c %ld\n", order, now_ms() - start_ms);
    }
    return 0;
}
