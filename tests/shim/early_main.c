/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * early              returns what the library's constructor saw of its child
 * early fork|forkpty makes another child, in which a signal handler logs a row
 */
#include "sdk/spool/spool.h"
#include "tests/shim/early.h"

#include <dlfcn.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct spool_api *api;

static void log_row(int signal)
{
    struct spool_cursor cursor;
    uint64_t payload = (uint64_t)signal;

    if (api->begin(&cursor, RECORD_ROW, 1, sizeof(payload)) < 0)
        _exit(96);
    memcpy(cursor.at, &payload, sizeof(payload));
    cursor.at += sizeof(payload);
    if (api->end(&cursor) < 0)
        _exit(97);
}

int main(int argc, char **argv)
{
    int terminal, status;
    pid_t pid;

    api = dlsym(RTLD_DEFAULT, "lastword_spool_v1");
    if (argc < 2)
        return WIFEXITED(early_status) ? WEXITSTATUS(early_status) : 99;
    signal(SIGUSR1, log_row);
    early_raises = 1;
    pid = strcmp(argv[1], "fork") == 0 ? fork() : forkpty(&terminal, NULL, NULL, NULL);
    if (pid == 0)
        _exit(3);
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}
