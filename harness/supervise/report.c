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

/* --- Notes -------------------------------------------------------------------------------------
 */

static size_t n_of_kind(const struct report_notes *notes, uint32_t kind)
{
    size_t n = 0;

    for (size_t i = 0; i < notes->n; i++) {
        n += notes->all[i].kind == kind;
    }
    return n;
}

void report_note(struct report_notes *notes, uint32_t kind, pid_t pid, const char *text)
{
    if (notes->n == sizeof(notes->all) / sizeof(notes->all[0]) ||
        n_of_kind(notes, kind) == REPORT_MAX_NOTES) {
        return;
    }
    struct report_note *note = &notes->all[notes->n++];
    note->kind = kind;
    note->pid = pid;
    copy_printable(note->text, sizeof(note->text), text);
}

/* "HEAD: 12 a: static; 13 b: static; and 4 more: lastword ps m.rrd" */
static void print_note_list(FILE *out, const struct report_notes *notes, uint32_t kind,
                            uint32_t count, const char *output)
{
    const char *separator = ": ";

    for (size_t i = 0; i < notes->n; i++) {
        if (notes->all[i].kind == kind) {
            fprintf(out, "%s%d %s", separator, (int)notes->all[i].pid, notes->all[i].text);
            separator = "; ";
        }
    }
    size_t n = n_of_kind(notes, kind);
    if (n == 0) {
        fprintf(out, ": lastword ps %s", output);
    } else if (count > n) {
        fprintf(out, "%sand %zu more: lastword ps %s", separator, count - n, output);
    }
    fputc('\n', out);
}

/* Each viewer is a line: what follows its URL is long. */
static void print_viewers(FILE *out, const struct report_notes *notes, uint32_t count)
{
    for (size_t i = 0; i < notes->n; i++) {
        if (notes->all[i].kind == NOTE_VIEWER) {
            fprintf(out,
                    "lastword: process %d: %s got nothing: rows for live viewers go to the "
                    "recording only\n",
                    (int)notes->all[i].pid, notes->all[i].text);
        }
    }
    size_t n = n_of_kind(notes, NOTE_VIEWER);
    if (count > n) {
        fprintf(out, "lastword: %s%zu %sviewer%s got nothing\n", n > 0 ? "... and " : "", count - n,
                n > 0 ? "more " : "", count - n == 1 ? "" : "s");
    }
}

void report_print_notes(FILE *out, const struct report_notes *notes,
                        const struct courier_message *counts, const char *output)
{
    if (counts->n_not_covered > 0) {
        fprintf(out, "lastword: %" PRIu32 " process%s not covered", counts->n_not_covered,
                counts->n_not_covered == 1 ? " was" : "es were");
        print_note_list(out, notes, NOTE_NOT_COVERED, counts->n_not_covered, output);
    }
    if (counts->n_timed_out > 0) {
        fprintf(out, "lastword: %" PRIu32 " flush%s not end in time", counts->n_timed_out,
                counts->n_timed_out == 1 ? " did" : "es did");
        print_note_list(out, notes, NOTE_TIMED_OUT, counts->n_timed_out, output);
    }
    if (counts->n_viewers > 0) {
        print_viewers(out, notes, counts->n_viewers);
    }
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
