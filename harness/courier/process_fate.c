/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The rules by which several witnesses of a process become one account. Pure: reads the table,
 * changes nothing.
 *
 * Pids repeat, so everything that goes by pid goes by time too: a wait status belongs to the latest
 * image of that pid that had begun when the status was got.
 */
#include "harness/courier/process_fate.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* The processes ordered by pid, then by start: the images that one pid had. */
struct lineage {
    struct process_fate **by_pid; /* into the array of fates */
    size_t n;
};

static int compare_by_pid(const void *a, const void *b)
{
    const struct process *left = (*(struct process_fate *const *)a)->process;
    const struct process *right = (*(struct process_fate *const *)b)->process;

    if (left->pid != right->pid)
        return left->pid < right->pid ? -1 : 1;
    if (left->start_ns != right->start_ns)
        return left->start_ns < right->start_ns ? -1 : 1;
    return left->serial < right->serial ? -1 : left->serial > right->serial;
}

/* Returns the index of the latest image of `pid` that had begun at `time_ns`, or -1. */
static ptrdiff_t find_image(const struct lineage *lineage, uint32_t pid, uint64_t time_ns)
{
    size_t low = 0;
    size_t high = lineage->n;

    if (pid == 0)
        return -1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct process *process = lineage->by_pid[middle]->process;

        if (process->pid < pid || (process->pid == pid && process->start_ns <= time_ns))
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && lineage->by_pid[low - 1]->process->pid == pid ? (ptrdiff_t)low - 1 : -1;
}

/* What others know of a process. */
struct witness {
    bool is_known; /* a wait status */
    bool by_supervisor;
    bool is_followed; /* by another image: it has exec'd, whoever hid that */
};

/* The parent's word comes before the supervisor's; of the same kind of witness the first counts. */
static void assign_waits(const struct process_table *table, const struct lineage *lineage,
                         const struct process_fate *fates, struct witness *witnesses)
{
    for (size_t i = 0; i < table->n_waits; i++) {
        const struct process_wait *wait = &table->waits[i];
        ptrdiff_t found = find_image(lineage, wait->pid, wait->time_ns);
        struct witness *witness;

        if (found < 0)
            continue;
        witness = &witnesses[lineage->by_pid[found] - fates];
        if (witness->is_known && (wait->by_supervisor || !witness->by_supervisor))
            continue;
        witness->is_known = true;
        witness->by_supervisor = wait->by_supervisor;
        lineage->by_pid[found]->wait_status = wait->status;
    }
}

/*
 * The image before in the same process: it has the same pid, and nobody has got a wait status for
 * it, which would mean that the pid was free again.
 */
static void link_images(const struct lineage *lineage, const struct process_fate *fates,
                        struct witness *witnesses)
{
    for (size_t i = 1; i < lineage->n; i++) {
        struct process_fate *before = lineage->by_pid[i - 1];
        struct process_fate *fate = lineage->by_pid[i];
        const struct process *process = before->process;

        if (process->pid != 0 && process->pid == fate->process->pid &&
            process->family != fate->process->family && !witnesses[before - fates].is_known &&
            fate->process->made_by != MADE_BY_FORK && fate->process->made_by != MADE_BY__FORK &&
            (!process->has_end || process->end_kind == END_EXEC)) {
            fate->image_of = process;
            witnesses[before - fates].is_followed = true;
        }
    }
}

static void link_parent(const struct process_table *table, const struct lineage *lineage,
                        struct process_fate *fate)
{
    const struct process *process = fate->process;
    ptrdiff_t found;

    if (process->parent_serial != 0) {
        fate->parent = process_table_find(table, process->family, process->parent_serial);
        return;
    }
    found = find_image(lineage, process->parent_pid, process->start_ns);
    if (found >= 0 && lineage->by_pid[found]->process != process)
        fate->parent = lineage->by_pid[found]->process;
}

static const char *name_birth(const struct process_table *table, const struct process_fate *fate)
{
    switch (fate->process->made_by) {
    case MADE_BY_FORK:
        return "fork";
    case MADE_BY__FORK:
        return "_Fork";
    case MADE_BY_DAEMON:
        return "daemon";
    case MADE_BY_EXEC:
        if (fate->image_of != NULL)
            return "exec";
        return fate->process->pid == table->root_pid ? "run" : "spawn";
    default:
        return "unknown";
    }
}

static const char *name_end(uint32_t kind)
{
    static const char *const names[] = {
        [END_RETURN] = "return",         [END_EXIT] = "exit",     [END__EXIT] = "_exit",
        [END__EXIT_C99] = "_Exit",       [END_ABORT] = "abort",   [END_EXEC] = "exec",
        [END_QUICK_EXIT] = "quick_exit", [END_DAEMON] = "daemon",
    };

    if (kind >= sizeof(names) / sizeof(names[0]) || names[kind] == NULL)
        return "unknown";
    return names[kind];
}

static void judge_signal(struct process_fate *fate, const char *seen_by)
{
    int number = WTERMSIG(fate->wait_status);
    bool is_abort = fate->process->has_end && fate->process->end_kind == END_ABORT;

    fate->status = number;
    fate->is_bad = true;
    fate->ended_by = is_abort && number == SIGABRT ? "abort" : "signal";
    fate->seen_by = is_abort && number == SIGABRT ? "process" : seen_by;
}

static void judge_own_word(struct process_fate *fate, bool is_waited)
{
    const struct process *process = fate->process;

    fate->ended_by = name_end(process->end_kind);
    fate->seen_by = "process";
    if (process->end_kind == END_EXEC)
        return;
    if (process->end_kind == END_ABORT) {
        fate->status = SIGABRT;
        fate->is_bad = true;
    } else if (is_waited) {
        fate->status = WEXITSTATUS(fate->wait_status);
    } else if (process->end_kind != END_RETURN) {
        fate->status = process->end_status & 0xff;
    }
}

/* What a wait status tells of a signal beats the process's own word: it died on its way out. */
static void judge(struct process_fate *fate, const struct witness *witness, uint64_t now_ns)
{
    const struct process *process = fate->process;
    const char *seen_by = witness->by_supervisor ? "supervisor" : "parent";

    fate->status = -1;
    fate->end_ns = process->has_end ? process->end_ns : process->gone_ns;
    if (witness->is_known && WIFSIGNALED(fate->wait_status)) {
        judge_signal(fate, seen_by);
    } else if (process->has_end) {
        judge_own_word(fate, witness->is_known);
    } else if (witness->is_known) {
        fate->ended_by = "unknown";
        fate->seen_by = seen_by;
        fate->status = WEXITSTATUS(fate->wait_status);
    } else if (witness->is_followed) {
        fate->ended_by = "exec";
        fate->seen_by = "nobody";
    } else if (!process->is_gone) {
        fate->ended_by = "running";
        fate->seen_by = "nobody";
        fate->end_ns = now_ns;
    } else {
        fate->ended_by = "unknown";
        fate->seen_by = "nobody";
        fate->is_bad = true;
    }
    if (fate->end_ns < process->start_ns)
        fate->end_ns = process->start_ns;
}

static int work_out(const struct process_table *table, uint64_t now_ns, struct process_fate *fates,
                    struct witness *witnesses)
{
    struct lineage lineage = {calloc(table->n, sizeof(*lineage.by_pid)), table->n};

    if (lineage.by_pid == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < table->n; i++) {
        fates[i].process = table->all[i];
        fates[i].wait_status = -1;
        lineage.by_pid[i] = &fates[i];
    }
    qsort(lineage.by_pid, lineage.n, sizeof(*lineage.by_pid), compare_by_pid);
    assign_waits(table, &lineage, fates, witnesses);
    link_images(&lineage, fates, witnesses);
    for (size_t i = 0; i < table->n; i++) {
        link_parent(table, &lineage, &fates[i]);
        fates[i].made_by = name_birth(table, &fates[i]);
        judge(&fates[i], &witnesses[i], now_ns);
        fates[i].is_lost_sight_of =
            strcmp(fates[i].ended_by, "exec") == 0 && !witnesses[i].is_followed;
    }
    free(lineage.by_pid);
    return 0;
}

int process_fates(const struct process_table *table, uint64_t now_ns,
                  struct process_fate **ret_fates)
{
    struct process_fate *fates;
    struct witness *witnesses;
    int result = -ENOMEM;

    *ret_fates = NULL;
    if (table->n == 0)
        return 0;
    fates = calloc(table->n, sizeof(*fates));
    witnesses = calloc(table->n, sizeof(*witnesses));
    if (fates != NULL && witnesses != NULL)
        result = work_out(table, now_ns, fates, witnesses);
    free(witnesses);
    if (result < 0)
        free(fates);
    else
        *ret_fates = fates;
    return result;
}

size_t process_fates_count(const struct process_fate *fates, size_t n)
{
    size_t n_processes = 0;

    for (size_t i = 0; i < n; i++)
        n_processes += fates[i].image_of == NULL;
    return n_processes;
}
