/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lists of processes. Texts come from recordings: all go through terminal_print. No state.
 */
#include "harness/ps/ps_list.h"

#include "harness/verify/ending.h"
#include "harness/verify/process_tree.h"

#include <inttypes.h>
#include <string.h>

#define MAX_PATH 200 /* bytes of a path or reason that are shown */

static void print_text(const struct terminal *terminal, const char *text)
{
    terminal_print(terminal, string_view_of(text), MAX_PATH);
}

static void print_heading(const struct terminal *terminal, const char *heading)
{
    fputc('\n', terminal->out);
    terminal_color(terminal, HUE_BOLD);
    fputs(heading, terminal->out);
    terminal_plain(terminal);
    fputc('\n', terminal->out);
}

/* --- Not covered -------------------------------------------------------------------------------
 */

/* " by 12", if the process is known. */
static void print_maker(const struct terminal *terminal, const struct recording *recording,
                        const struct recorded_uncovered *one)
{
    const char *name = one->image_of[0] != '\0' ? one->image_of : one->parent;
    uint32_t index = string_pool_find(&recording->processes.names, string_view_of(name));

    fputs(", ", terminal->out);
    print_text(terminal, one->made_by);
    if (name[0] != '\0' && index != UINT32_MAX) {
        fprintf(terminal->out, one->image_of[0] != '\0' ? " of %" PRId64 : " by %" PRId64,
                recording->processes.processes[index].pid);
    }
}

static void print_uncovered(const struct terminal *terminal, const struct recording *recording,
                            const struct recorded_uncovered *one)
{
    char end[ENDING_TEXT_SIZE];

    fprintf(terminal->out, "%7" PRId64 "  ", one->pid);
    print_text(terminal, one->executable[0] != '\0' ? one->executable : "?");
    fputs(": ", terminal->out);
    terminal_color(terminal, HUE_YELLOW);
    print_text(terminal, one->reason);
    terminal_plain(terminal);
    print_maker(terminal, recording, one);
    if (strcmp(one->ended_by, "unknown") == 0) {
        fputs(", end not known", terminal->out);
    } else {
        ending_format(one->ended_by, one->status, end);
        fputs(", ", terminal->out);
        print_text(terminal, end);
    }
    fputc('\n', terminal->out);
}

/* --- Notes -------------------------------------------------------------------------------------
 */

typedef const struct recorded_texts *notes_of(const struct recorded_process *process);

static const struct recorded_texts *not_covered_of(const struct recorded_process *process)
{
    return &process->not_covered;
}

static const struct recorded_texts *timed_out_of(const struct recorded_process *process)
{
    return &process->timed_out;
}

static const struct recorded_texts *viewers_of(const struct recorded_process *process)
{
    return &process->viewers;
}

/* One line for each note of a kind. Returns how many were written of the `left` that may be. */
static size_t print_notes(const struct terminal *terminal, const struct recording *recording,
                          notes_of *notes, size_t left)
{
    size_t n = 0;

    for (size_t i = 0; i < recording->processes.n; i++) {
        const struct recorded_process *process = &recording->processes.processes[i];
        for (size_t k = 0; k < notes(process)->n && n < left; k++) {
            if (notes == not_covered_of &&
                ps_is_inherited(recording, process, notes(process)->texts[k])) {
                continue;
            }
            n++;
            fprintf(terminal->out, "%7" PRId64 "  ", process->pid);
            process_column_write(terminal, recording, i, PROCESS_COLUMN_COMMAND);
            fputs(": ", terminal->out);
            print_text(terminal, notes(process)->texts[k]);
            fputc('\n', terminal->out);
        }
    }
    return n;
}

static void print_more(const struct terminal *terminal, uint64_t n)
{
    if (n > 0) {
        fprintf(terminal->out, "         and %" PRIu64 " more\n", n);
    }
}

static void print_section(const struct terminal *terminal, const struct recording *recording,
                          const char *heading, notes_of *notes, uint64_t count)
{
    if (count > 0) {
        print_heading(terminal, heading);
        print_more(terminal, count - print_notes(terminal, recording, notes, PS_MAX_LINES));
    }
}

static void print_not_covered(const struct terminal *terminal, const struct recording *recording,
                              uint64_t count)
{
    size_t n = 0;

    if (count == 0) {
        return;
    }
    print_heading(terminal, "Not covered, and why:");
    for (; n < recording->uncovered.n && n < PS_MAX_LINES; n++) {
        print_uncovered(terminal, recording, &recording->uncovered.all[n]);
    }
    n += print_notes(terminal, recording, not_covered_of, PS_MAX_LINES - n);
    print_more(terminal, count - n);
}

/* --- The whole ---------------------------------------------------------------------------------
 */

static void print_totals(const struct terminal *terminal, const struct ps_totals *totals)
{
    fprintf(terminal->out,
            "\n%zu process%s, %" PRIu64 " row%s logged, %" PRIu64 " stored, %" PRIu64 " lost; ",
            totals->n_processes, totals->n_processes == 1 ? "" : "es", totals->rows_logged,
            totals->rows_logged == 1 ? "" : "s", totals->rows_stored, totals->rows_lost);
    fprintf(terminal->out, "%" PRIu64 " not covered\n", totals->n_not_covered);
}

static int print_processes(const struct terminal *terminal, const struct recording *recording)
{
    static const enum process_column columns[] = {
        PROCESS_COLUMN_COMMAND, PROCESS_COLUMN_PID_NUMBER, PROCESS_COLUMN_PARENT,
        PROCESS_COLUMN_MADE_BY, PROCESS_COLUMN_ENDING,     PROCESS_COLUMN_LOGGED,
        PROCESS_COLUMN_STORED,  PROCESS_COLUMN_LOST,       PROCESS_COLUMN_PROVIDERS};

    if (recording->processes.n == 0) {
        return 0;
    }
    return process_tree_print_view(terminal, recording,
                                   &(struct process_tree_view){
                                       .columns = columns,
                                       .n_columns = sizeof columns / sizeof columns[0],
                                       .has_titles = true,
                                       .max_lines = PS_MAX_LINES,
                                   });
}

int ps_list_print(const struct terminal *terminal, const struct recording *recording)
{
    struct ps_totals totals = ps_totals_of(recording);
    int error = print_processes(terminal, recording);

    if (error < 0) {
        return error;
    }
    print_not_covered(terminal, recording, totals.n_not_covered);
    print_section(terminal, recording,
                  "Did not finish in time before its process ended:", timed_out_of,
                  totals.n_timed_out);
    print_section(terminal, recording,
                  "Viewers that got nothing (rows for live viewers go to the recording only):",
                  viewers_of, totals.n_viewers);
    print_totals(terminal, &totals);
    return 0;
}
