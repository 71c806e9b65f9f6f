/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Finds descendants in /proc. It reads each process's parent, not the `children` files, which only
 * exist in kernels built for checkpointing. What it says is true for one moment: callers repeat.
 * No state.
 */
#include "harness/supervise/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_DEPTH 4096 /* of a chain of parents: a loop would be a fault of /proc */

static int read_stat_line(pid_t pid, char *line, size_t size)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? -ESRCH : -errno;
    }
    ssize_t n_bytes = read(fd, line, size - 1);
    int error = n_bytes < 0 ? -errno : 0;
    close(fd);
    if (error < 0) {
        return error;
    }
    line[n_bytes] = '\0';
    return 0;
}

/* "PID (COMMAND) STATE PPID ..."; the command may hold blanks and brackets, so the last ) counts.
 */
static int parse_stat_line(char *line, struct tree_process *ret_process)
{
    int pid, parent, n_threads;
    unsigned long long start_ticks;
    char state;
    char *opening = strchr(line, '(');
    char *closing = strrchr(line, ')');

    if (opening == NULL || closing == NULL || closing < opening || sscanf(line, "%d", &pid) != 1) {
        return -EIO;
    }
    *closing = '\0';
    if (sscanf(closing + 1,
               " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d %*d %llu",
               &state, &parent, &n_threads, &start_ticks) != 4) {
        return -EIO;
    }
    /* A leader that ended before its threads looks like a zombie, yet the process lives. */
    if (state == 'Z' && n_threads > 1) {
        state = 'S';
    }
    *ret_process = (struct tree_process){
        .pid = pid, .parent = parent, .start_ticks = start_ticks, .state = state};
    snprintf(ret_process->command, sizeof(ret_process->command), "%s", opening + 1);
    return 0;
}

int tree_read_process(pid_t pid, struct tree_process *ret_process)
{
    char line[1024];

    int rc = read_stat_line(pid, line, sizeof(line));
    return rc < 0 ? rc : parse_stat_line(line, ret_process);
}

/* ---- the scan ---- */

static bool is_excluded(const struct tree_filter *filter, pid_t pid)
{
    for (size_t i = 0; i < filter->n_excluded; i++) {
        if (filter->excluded[i] == pid) {
            return true;
        }
    }
    return false;
}

static int append(struct tree *tree, size_t *capacity, const struct tree_process *process)
{
    if (tree->n_processes == *capacity) {
        size_t larger = *capacity == 0 ? 256 : *capacity * 2;
        struct tree_process *moved =
            reallocarray(tree->processes, larger, sizeof(*tree->processes));
        if (moved == NULL) {
            return -ENOMEM;
        }
        tree->processes = moved;
        *capacity = larger;
    }
    tree->processes[tree->n_processes++] = *process;
    return 0;
}

static int compare_pids(const void *left, const void *right)
{
    pid_t a = ((const struct tree_process *)left)->pid;
    pid_t b = ((const struct tree_process *)right)->pid;

    return (a > b) - (a < b);
}

/* All processes there are, by pid. */
static int read_all(struct tree *tree)
{
    size_t capacity = 0;
    int rc = 0;
    DIR *proc = opendir("/proc");

    if (proc == NULL) {
        return -errno;
    }
    for (struct dirent *entry; rc == 0 && (entry = readdir(proc)) != NULL;) {
        struct tree_process process;
        char *end;
        long pid = strtol(entry->d_name, &end, 10);
        if (pid <= 0 || *end != '\0') {
            continue;
        }
        /* One that has gone since the directory was read is no error. */
        if (tree_read_process((pid_t)pid, &process) == 0) {
            rc = append(tree, &capacity, &process);
        }
    }
    closedir(proc);
    if (rc == 0 && tree->n_processes == 0) {
        return -ENOENT; /* a /proc without processes: not mounted */
    }
    if (rc == 0) {
        qsort(tree->processes, tree->n_processes, sizeof(*tree->processes), compare_pids);
    }
    return rc;
}

static const struct tree_process *find(const struct tree *tree, pid_t pid)
{
    struct tree_process key = {.pid = pid};

    return bsearch(&key, tree->processes, tree->n_processes, sizeof(key), compare_pids);
}

static bool environment_names(pid_t pid, const char *session)
{
    static const char name[] = "LASTWORD_SESSION=";
    char path[64];
    char *line = NULL;
    size_t capacity = 0;
    bool found = false;

    snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    while (!found && getdelim(&line, &capacity, '\0', file) > 0) {
        found = strncmp(line, name, sizeof(name) - 1) == 0 &&
                strcmp(line + sizeof(name) - 1, session) == 0;
    }
    free(line);
    fclose(file);
    return found;
}

static bool is_first_of_family(const struct tree_filter *filter, const struct tree_process *process)
{
    if (process->pid == filter->top || is_excluded(filter, process->pid)) {
        return false;
    }
    return process->parent == filter->top ||
           (filter->session != NULL && environment_names(process->pid, filter->session));
}

/* Membership goes from parent to child; pids mostly ascend with it, so a few passes are enough. */
static void mark_members(const struct tree_filter *filter, struct tree *tree)
{
    bool changed = true;

    for (size_t i = 0; i < tree->n_processes; i++) {
        tree->processes[i].member = is_first_of_family(filter, &tree->processes[i]);
    }
    while (changed) {
        changed = false;
        for (size_t i = 0; i < tree->n_processes; i++) {
            struct tree_process *process = &tree->processes[i];
            if (process->member || process->pid == filter->top ||
                is_excluded(filter, process->pid)) {
                continue;
            }
            const struct tree_process *parent = find(tree, process->parent);
            if (parent != NULL && parent->member) {
                process->member = true;
                changed = true;
            }
        }
    }
}

bool tree_is_alive(const struct tree_process *process)
{
    return process->state != 'Z' && process->state != 'X' && process->state != 'x';
}

int tree_scan(const struct tree_filter *filter, struct tree *ret_tree)
{
    struct tree tree = {0};
    size_t n_kept = 0;

    int rc = read_all(&tree);
    if (rc < 0) {
        tree_done(&tree);
        return rc;
    }
    mark_members(filter, &tree);
    for (size_t i = 0; i < tree.n_processes; i++) {
        if (tree.processes[i].member && tree_is_alive(&tree.processes[i])) {
            tree.processes[n_kept++] = tree.processes[i];
        }
    }
    tree.n_processes = n_kept;
    *ret_tree = tree;
    return 0;
}

void tree_done(struct tree *tree)
{
    if (tree != NULL) {
        free(tree->processes);
        *tree = (struct tree){0};
    }
}

/* ---- use ---- */

static bool is_same(const struct tree_process *process)
{
    struct tree_process now;

    return tree_read_process(process->pid, &now) == 0 && now.start_ticks == process->start_ticks;
}

/* The descriptor holds the process fast before it is looked at, so the pid cannot pass on. */
static int signal_process(const struct tree_process *process, int signal_number)
{
    int rc = -ESRCH;
    int fd = (int)syscall(SYS_pidfd_open, process->pid, 0);

    if (fd < 0) {
        return -errno;
    }
    if (is_same(process)) {
        rc = (int)syscall(SYS_pidfd_send_signal, fd, signal_number, NULL, 0) < 0 ? -errno : 0;
    }
    close(fd);
    return rc;
}

size_t tree_signal(const struct tree *tree, int signal_number)
{
    size_t n_sent = 0;

    for (size_t i = 0; i < tree->n_processes; i++) {
        n_sent += signal_process(&tree->processes[i], signal_number) == 0;
    }
    return n_sent;
}

void tree_kill_children(const struct tree_filter *filter)
{
    char list[4096];
    char *at = list;
    char *end;

    int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    ssize_t n_bytes = read(fd, list, sizeof(list) - 1);
    close(fd);
    list[n_bytes < 0 ? 0 : n_bytes] = '\0';
    /* A number that the buffer cut has no blank behind it. They are unreaped: no pid passes on. */
    for (long pid; (pid = strtol(at, &end, 10)) > 0 && *end == ' '; at = end) {
        if (!is_excluded(filter, (pid_t)pid)) {
            kill((pid_t)pid, SIGKILL);
        }
    }
}

bool tree_contains(const struct tree_filter *filter, pid_t pid)
{
    struct tree_process process;

    for (int depth = 0; depth < MAX_DEPTH && pid > 0; depth++) {
        if (pid == filter->top || is_excluded(filter, pid) ||
            tree_read_process(pid, &process) < 0) {
            return false;
        }
        if (process.parent == filter->top) {
            return true;
        }
        pid = process.parent;
    }
    return false;
}
