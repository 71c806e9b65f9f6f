/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The processes that descend from a program: found, counted, signalled.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tree_process {
    pid_t pid;
    pid_t parent;
    uint64_t start_ticks; /* with the pid, names a process even when pids are used again */
    char state;           /* R, S, D, T, t, ... as in proc(5) */
    bool member;          /* working state of the scan */
    char command[64];     /* as `ps` shows it in COMM; at most 15 bytes for a program */
};

struct tree {
    struct tree_process *processes; /* ascending by pid; owned */
    size_t n_processes;
};

/* Which processes belong: descendants of `top`, but for some. */
struct tree_filter {
    pid_t top;
    const pid_t *excluded; /* children of top that are left out, with all below them */
    size_t n_excluded;
    const char *session; /* not NULL: also each process whose environment names this session, for
                            those that a family without subreaper has lost */
};

/*
 * Reads /proc once and fills `ret_tree` with the living processes that belong; zombies are left
 * out. Free it with tree_done. A process born during the scan may be missing: scan again until
 * nothing is found. Errors: -ENOENT no /proc; -ENOMEM, -EMFILE.
 */
__attribute__((warn_unused_result)) int tree_scan(const struct tree_filter *filter,
                                                  struct tree *ret_tree);
void tree_done(struct tree *tree);

/*
 * Sends a signal to each process that is still the one that was scanned, and returns to how many it
 * could be sent. Never hits a process that merely got the same pid.
 */
size_t tree_signal(const struct tree *tree, int signal_number);

/*
 * Sends SIGKILL to the direct children of the calling process (filter->top), but those excluded. A
 * scan of /proc takes milliseconds, in which a process that forks and ends, again and again, is
 * somewhere else; its orphans are the subreaper's children at once, and this takes microseconds.
 * Does nothing where the kernel does not list children (CONFIG_PROC_CHILDREN).
 */
void tree_kill_children(const struct tree_filter *filter);

/*
 * Reads what /proc says of one process. A zombie answers as well. Errors: -ESRCH there is none;
 * -EIO its line is not as proc(5) says.
 */
__attribute__((warn_unused_result)) int tree_read_process(pid_t pid,
                                                          struct tree_process *ret_process);

/* Says whether the process, as it was read, was more than a zombie. */
bool tree_is_alive(const struct tree_process *process);

/* Says whether `pid` descends from `filter->top` at this moment; false also for what is gone. */
bool tree_contains(const struct tree_filter *filter, pid_t pid);
