/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Tells the program's processes from other children of ours. Owned by the supervisor's thread.
 */
#include "harness/supervise/descendants.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Valid until strangers change. */
static struct tree_filter filter_of(const struct descendants *descendants)
{
    size_t n_excluded = descendants->n_strangers;

    if (*descendants->courier > 0) {
        descendants->strangers[n_excluded++] = *descendants->courier;
    }
    return (struct tree_filter){.top = getpid(),
                                .excluded = descendants->strangers,
                                .n_excluded = n_excluded,
                                .session = descendants->session};
}

/* The courier is no child that wait(2) sees, so mostly there is none, and /proc is left alone. */
static bool has_children(void)
{
    siginfo_t info;

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static int find_strangers(struct descendants *descendants)
{
    struct tree tree;

    int rc = descendants_scan(descendants, &tree);
    if (rc < 0) {
        return rc == -ENOMEM ? rc : 0;
    }
    pid_t *strangers =
        reallocarray(descendants->strangers, tree.n_processes + 1, sizeof(*strangers));
    if (strangers != NULL) {
        descendants->strangers = strangers;
        for (size_t i = 0; i < tree.n_processes; i++) {
            if (tree.processes[i].parent == getpid()) {
                strangers[descendants->n_strangers++] = tree.processes[i].pid;
            }
        }
    }
    tree_done(&tree);
    return strangers != NULL ? 0 : -ENOMEM;
}

int descendants_init(struct descendants *descendants, const char *session, const pid_t *courier)
{
    *descendants = (struct descendants){.session = session, .courier = courier};
    descendants->strangers = calloc(1, sizeof(*descendants->strangers));
    if (descendants->strangers == NULL) {
        return -ENOMEM;
    }
    return has_children() ? find_strangers(descendants) : 0;
}

void descendants_done(struct descendants *descendants)
{
    if (descendants != NULL) {
        free(descendants->strangers);
        *descendants = (struct descendants){0};
    }
}

int descendants_scan(const struct descendants *descendants, struct tree *ret_tree)
{
    struct tree_filter filter = filter_of(descendants);

    return tree_scan(&filter, ret_tree);
}

long descendants_count(const struct descendants *descendants)
{
    struct tree tree;

    int rc = descendants_scan(descendants, &tree);
    if (rc < 0) {
        return rc;
    }
    long n_processes = (long)tree.n_processes;
    tree_done(&tree);
    return n_processes;
}

void descendants_kill_children(const struct descendants *descendants)
{
    struct tree_filter filter = filter_of(descendants);

    tree_kill_children(&filter);
}

bool descendants_contain(const struct descendants *descendants, pid_t pid)
{
    struct tree_filter filter = filter_of(descendants);

    return tree_contains(&filter, pid);
}

bool descendants_forget_stranger(struct descendants *descendants, pid_t pid)
{
    for (size_t i = 0; i < descendants->n_strangers; i++) {
        if (descendants->strangers[i] == pid) {
            descendants->strangers[i] = descendants->strangers[--descendants->n_strangers];
            return true;
        }
    }
    return false;
}
