/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The words of `run`'s report. It prints to the stream it is given and knows nothing of how the
 * run went but what it is handed. No state.
 */
#include "harness/supervise/report.h"

#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

/* A program may give itself any name: no control characters on the user's terminal. */
static void copy_printable(char *to, size_t size, const char *from)
{
    size_t i = 0;

    for (; i + 1 < size && from[i] != '\0'; i++) {
        unsigned char c = (unsigned char)from[i];
        to[i] = from[i];
        if (c < 0x20 || c == 0x7f) {
            to[i] = '?';
        }
    }
    to[i] = '\0';
}

static const struct report_process *find(const struct report_list *list, pid_t pid)
{
    for (size_t i = 0; i < list->n_processes && i < REPORT_MAX_PROCESSES; i++) {
        if (list->processes[i].pid == pid) {
            return &list->processes[i];
        }
    }
    return NULL;
}

bool report_has(const struct report_list *list, pid_t pid)
{
    return find(list, pid) != NULL;
}

struct report_process *report_add(struct report_list *list, pid_t pid, int wait_status,
                                  const char *executable)
{
    struct report_process *process = NULL;

    if (find(list, pid) != NULL) {
        return NULL;
    }
    if (list->n_processes < REPORT_MAX_PROCESSES) {
        const char *slash = strrchr(executable, '/');
        process = &list->processes[list->n_processes];
        process->pid = pid;
        process->wait_status = wait_status;
        copy_printable(process->name, sizeof(process->name),
                       slash != NULL ? slash + 1 : executable);
    }
    list->n_processes++;
    return process;
}

const char *report_describe_end(int wait_status, char *buffer, size_t size)
{
    if (wait_status < 0) {
        snprintf(buffer, size, "ended, and nobody saw how");
    } else if (WIFSIGNALED(wait_status)) {
        const char *name = sigabbrev_np(WTERMSIG(wait_status));
        if (name != NULL) {
            snprintf(buffer, size, "died of SIG%s", name);
        } else {
            snprintf(buffer, size, "died of signal %d", WTERMSIG(wait_status));
        }
    } else {
        snprintf(buffer, size, "ended by exit %d", WEXITSTATUS(wait_status));
    }
    return buffer;
}

static size_t n_printed(const struct report_list *list)
{
    return list->n_processes < REPORT_MAX_LINES ? list->n_processes : REPORT_MAX_LINES;
}

static void print_rest(FILE *out, const struct report_list *list)
{
    if (list->n_processes > REPORT_MAX_LINES) {
        fprintf(out, "lastword: ... and %zu more\n", list->n_processes - REPORT_MAX_LINES);
    }
}

/* "process 12 (worker)", or what is known. */
static void print_process(FILE *out, const struct report_process *process)
{
    if (process->pid == 0) {
        fprintf(out, "lastword: %s", process->name);
    } else if (*process->name == '\0') {
        fprintf(out, "lastword: process %d", (int)process->pid);
    } else {
        fprintf(out, "lastword: process %d (%s)", (int)process->pid, process->name);
    }
}

void report_print_ends(FILE *out, const struct report_list *ends)
{
    char how[64];

    for (size_t i = 0; i < n_printed(ends); i++) {
        print_process(out, &ends->processes[i]);
        fprintf(out, " %s\n",
                report_describe_end(ends->processes[i].wait_status, how, sizeof(how)));
    }
    print_rest(out, ends);
}

void report_print_survivors(FILE *out, const struct report_list *survivors, bool were_killed)
{
    for (size_t i = 0; i < n_printed(survivors); i++) {
        print_process(out, &survivors->processes[i]);
        fputs(were_killed ? " still ran, and was killed\n" : " still runs\n", out);
    }
    print_rest(out, survivors);
}

void report_print_busy(FILE *out, const struct report_list *busy)
{
    for (size_t i = 0; i < n_printed(busy); i++) {
        print_process(out, &busy->processes[i]);
        fprintf(out, " was %s\n", busy->processes[i].doing);
    }
    print_rest(out, busy);
}

static void print_count(FILE *out, const char *separator, uint64_t count, const char *what)
{
    if (count > 0) {
        fprintf(out, "%s%" PRIu64 " %s", separator, count, what);
    }
}

static uint64_t n_lost(const struct courier_message *counts)
{
    return counts->rows_logged > counts->rows_stored ? counts->rows_logged - counts->rows_stored
                                                     : 0;
}

bool report_has_losses(const struct courier_message *counts)
{
    return n_lost(counts) > 0 || counts->rows_refused > 0 || counts->rows_damaged > 0;
}

void report_print_counts(FILE *out, const struct courier_message *counts, const char *output)
{
    fprintf(out, "lastword: %" PRIu32 " process%s, %" PRIu64 " row%s logged, %" PRIu64 " stored",
            counts->n_processes, counts->n_processes == 1 ? "" : "es", counts->rows_logged,
            counts->rows_logged == 1 ? "" : "s", counts->rows_stored);
    print_count(out, ", ", n_lost(counts), "LOST");
    print_count(out, ", ", counts->rows_refused, "refused");
    print_count(out, ", ", counts->rows_damaged, "damaged");
    fprintf(out, " -> %s\n", output);
}
