/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * usage: hopper PAUSE_US
 *
 * Is deaf to SIGTERM, and never the same process for longer than PAUSE_US: it forks and ends, and
 * so does its child. Ends by itself after ten seconds, so that a test that fails leaves nothing.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct timespec now, begin;
    struct timespec pause = {.tv_nsec = argc == 2 ? 1000L * atoi(argv[1]) : 0};

    signal(SIGTERM, SIG_IGN);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do {
        if (fork() != 0) {
            _exit(0);
        }
        if (pause.tv_nsec > 0) {
            nanosleep(&pause, NULL);
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - begin.tv_sec < 10);
    puts("lived on");
    return 0;
}
