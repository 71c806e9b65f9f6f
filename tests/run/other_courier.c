/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * lastword with another courier, which does what couriers do rarely. OTHER_COURIER says what:
 *     slow:FIFO   tells of progress when it is to finish, until FIFO is opened for writing
 *     late:FIFO   is ready only when FIFO has been opened for writing and closed
 *     mute        ends before it is ready
 */
#include "harness/cmd_run.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void tell(const struct courier_options *options, uint32_t kind, uint64_t size_bytes)
{
    const struct courier_message message = {.kind = kind, .bytes = size_bytes};

    send(options->control_fd, &message, sizeof(message), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void tell_progress_until_opened(const struct courier_options *options, const char *fifo)
{
    struct pollfd gate = {.fd = open(fifo, O_RDONLY | O_NONBLOCK), .events = POLLIN};

    while (poll(&gate, 1, 20) == 0) {
        tell(options, COURIER_PROGRESS, 5 << 20);
    }
    close(gate.fd);
}

static void wait_until_closed(const char *fifo)
{
    char byte;
    int gate = open(fifo, O_RDONLY);

    while (read(gate, &byte, 1) > 0) {
    }
    close(gate);
}

static int serve(const struct courier_options *options, struct courier_message *ret_report,
                 char *error_text, size_t error_size)
{
    const char *mode = getenv("OTHER_COURIER");
    const char *fifo = strchr(mode, ':') != NULL ? strchr(mode, ':') + 1 : "";
    struct courier_message word = {0};

    (void)error_text;
    (void)error_size;
    if (strcmp(mode, "mute") == 0) {
        _exit(0);
    }
    if (strncmp(mode, "late", 4) == 0) {
        wait_until_closed(fifo);
    }
    tell(options, COURIER_READY, 0);
    while (word.kind != COURIER_FINISH &&
           recv(options->control_fd, &word, sizeof(word), 0) == sizeof(word)) {
    }
    if (strncmp(mode, "slow", 4) == 0) {
        tell_progress_until_opened(options, fifo);
    }
    ret_report->n_processes = 7;
    return 0;
}

int main(int argc, char **argv)
{
    return cmd_run_with(argc - 1, argv + 1, serve);
}
