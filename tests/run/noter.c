/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * usage: noter [N_VIEWERS]
 *
 * Notes things of itself as the shim and the SDK do: one of each kind, and N_VIEWERS viewers
 * (default 1); then forks a child that notes a provider of its own.
 */
#include "sdk/spool/spool.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void note(uint16_t kind, const char *text)
{
    struct record_note head = {.kind = kind, .text_size = (uint16_t)strlen(text)};
    struct timespec now;
    struct spool_cursor cursor;

    clock_gettime(CLOCK_REALTIME, &now);
    if (lastword_spool_v1.begin(&cursor, RECORD_NOTE,
                                (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec,
                                (sizeof(head) + head.text_size + 7u) & ~(uint64_t)7) < 0)
        exit(3);
    spool_put(&cursor, &head, sizeof(head));
    spool_put(&cursor, text, head.text_size);
    spool_put_padding(&cursor, head.text_size);
    if (lastword_spool_v1.end(&cursor) < 0)
        exit(4);
}

int main(int argc, char **argv)
{
    int n_viewers = argc > 1 ? atoi(argv[1]) : 1;
    char url[64];

    note(NOTE_PROVIDER, "stdio");
    note(NOTE_PROVIDER, "stdio");
    note(NOTE_NOT_COVERED, "rerun-sdk 0.99.0: unknown version");
    note(NOTE_TIMED_OUT, "stdio");
    for (int i = 0; i < n_viewers; i++) {
        snprintf(url, sizeof(url), "rerun+http://127.0.0.1:%d/proxy", 9876 + i);
        note(NOTE_VIEWER, url);
    }
    if (fork() == 0) {
        note(NOTE_PROVIDER, "its own");
        _exit(0);
    }
    return wait(NULL) < 0;
}
