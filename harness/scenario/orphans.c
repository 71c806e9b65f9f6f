/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Ends what dead supervisors have left. It is the program's fault, or somebody's who kills, if
 * there is anything, so it may take milliseconds; but nothing may stay behind.
 */
#include "harness/scenario/orphans.h"

#include "harness/supervise/courier_link.h"
#include "harness/supervise/tree.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define COURIER_MS 10000
#define MAX_ROUNDS 200 /* of a program that forks faster than it is found */

int orphans_init(struct orphans *orphans, size_t max_supervisors)
{
    const pid_t self = getpid();
    const struct tree_filter filter = {.top = self};
    struct tree tree = {0};
    int error = tree_scan(&filter, &tree);

    *orphans = (struct orphans){0};
    if (error == -ENOMEM) {
        return error;
    }
    orphans->others = calloc(tree.n_processes + max_supervisors + 1, sizeof *orphans->others);
    for (size_t i = 0; orphans->others != NULL && i < tree.n_processes; i++) {
        if (tree.processes[i].parent == self) {
            orphans->others[orphans->n_strangers++] = tree.processes[i].pid;
        }
    }
    tree_done(&tree);
    return orphans->others != NULL ? 0 : -ENOMEM;
}

static bool is_courier(const struct tree_process *process)
{
    return process->parent == getpid() && strcmp(process->command, COURIER_COMMAND) == 0;
}

/* It ends by itself when the last process of its session has. */
static void await_courier(pid_t pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);

    if (fd < 0 || poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, COURIER_MS) <= 0) {
        kill(pid, SIGKILL); /* our child, and unreaped: the pid is its own */
    }
    if (fd >= 0) {
        close(fd);
    }
    waitpid(pid, NULL, __WALL);
}

/* Those that were not our children become it when their parents have been reaped. */
static void reap(const struct tree *tree)
{
    bool goes_on = true;

    while (goes_on) {
        goes_on = false;
        for (size_t i = 0; i < tree->n_processes; i++) {
            goes_on = waitpid(tree->processes[i].pid, NULL, __WALL) > 0 || goes_on;
        }
    }
}

static void end_programs(const struct tree *tree)
{
    struct tree programs = {calloc(tree->n_processes + 1, sizeof *programs.processes), 0};

    for (size_t i = 0; programs.processes != NULL && i < tree->n_processes; i++) {
        if (!is_courier(&tree->processes[i])) {
            programs.processes[programs.n_processes++] = tree->processes[i];
        }
    }
    tree_signal(&programs, SIGKILL);
    reap(&programs);
    tree_done(&programs);
}

/* Couriers last, when there is nothing left for which they would wait. Returns what was found. */
static size_t end_round(const struct tree_filter *filter)
{
    struct tree tree;
    size_t n = 0, n_couriers = 0;

    if (tree_scan(filter, &tree) < 0) {
        return 0;
    }
    n = tree.n_processes;
    for (size_t i = 0; i < n; i++) {
        n_couriers += is_courier(&tree.processes[i]);
    }
    if (n_couriers < n) {
        end_programs(&tree);
    } else {
        for (size_t i = 0; i < n; i++) {
            await_courier(tree.processes[i].pid);
        }
    }
    tree_done(&tree);
    return n;
}

void orphans_end(struct orphans *orphans, const pid_t *supervisors, size_t n_supervisors)
{
    if (n_supervisors > 0) {
        memcpy(orphans->others + orphans->n_strangers, supervisors,
               n_supervisors * sizeof *supervisors);
    }
    const struct tree_filter filter = {
        .top = getpid(),
        .excluded = orphans->others,
        .n_excluded = orphans->n_strangers + n_supervisors,
    };

    for (int round = 0; round < MAX_ROUNDS && end_round(&filter) > 0; round++) {
    }
}

void orphans_done(struct orphans *orphans)
{
    if (orphans != NULL) {
        free(orphans->others);
        *orphans = (struct orphans){0};
    }
}
