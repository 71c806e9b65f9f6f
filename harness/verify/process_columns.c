/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What lists of processes say of each. Texts come from recordings: all go through terminal_print.
 * No state.
 */
#include "harness/verify/process_columns.h"

#include "harness/verify/ending.h"

#include <inttypes.h>
#include <string.h>

#define MAX_COMMAND 48 /* bytes of a command line */

/* "/usr/bin/true" is shown as "true": the line has other things to say. */
static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* What the process was started as: its arguments, else its executable. */
static void write_command(const struct terminal *terminal, const struct recorded_process *process)
{
    if (process->args.n == 0) {
        terminal_print(terminal, string_view_of(last_part(process->executable)), MAX_COMMAND);
        return;
    }
    size_t left = MAX_COMMAND;
    for (size_t i = 0; i < process->args.n; i++) {
        struct string_view argument =
            string_view_of(i == 0 ? last_part(process->args.texts[0]) : process->args.texts[i]);
        fputs(i > 0 ? " " : "", terminal->out);
        if (argument.size + 1 > left) {
            while (left > 0 && ((unsigned char)argument.data[left] & 0xc0) == 0x80) {
                left--; /* not in the middle of a character */
            }
            terminal_print(terminal, (struct string_view){argument.data, left}, left);
            fputs("...", terminal->out);
            return;
        }
        terminal_print(terminal, argument, left);
        left -= argument.size + 1;
    }
}

/* A forked process runs what its parent runs; all others say what they are. */
static bool has_own_command(const struct recorded_process *process, size_t index)
{
    const char *by = process->made_by != NULL ? process->made_by : "";
    return process->executable != NULL &&
           (process->head != index || process->role == ROLE_ROOT || strcmp(by, "run") == 0 ||
            strcmp(by, "exec") == 0 || strcmp(by, "spawn") == 0);
}

static void write_name(const struct terminal *terminal, const struct recorded_process *process,
                       size_t index)
{
    if (process->head != index) {
        fputs("then", terminal->out);
    } else if (process->role == ROLE_UNKNOWN) {
        fputs("process ", terminal->out);
        terminal_print(terminal, string_view_of(process->name), MAX_COMMAND);
    } else {
        fputs(process_role_name(process->role), terminal->out);
        if (process->role != ROLE_ROOT || process->birth > 1) {
            fprintf(terminal->out, " %u", process->birth);
        }
    }
    if (has_own_command(process, index)) {
        fputc(' ', terminal->out);
        write_command(terminal, process);
    }
}

static void write_ending(const struct terminal *terminal, const struct recorded_process *process)
{
    char text[ENDING_TEXT_SIZE];
    if (!process->has_ended || strcmp(process->ended_by, "unknown") == 0) {
        fputs("end not known", terminal->out);
        return;
    }
    ending_format(process->ended_by, process->status, text);
    terminal_print(terminal, string_view_of(text), sizeof text);
    if (process->next_image == NO_PROCESS && process->target[0] != '\0') {
        fputc(' ', terminal->out);
        terminal_print(terminal, string_view_of(process->target), MAX_COMMAND);
    }
}

static void write_rows(const struct terminal *terminal, const struct recording *recording,
                       size_t index)
{
    const struct recorded_process *process = &recording->processes.processes[index];
    uint64_t n = recording->rows[index].n + recording->rows[index].n_dropped;
    fprintf(terminal->out, "%" PRIu64 " row%s", n, n == 1 ? "" : "s");
    if (process->rows_stored >= 0 && process->rows_logged > process->rows_stored) {
        fprintf(terminal->out, ", %" PRId64 " LOST", process->rows_logged - process->rows_stored);
    }
}

/* --- For lists with titles ---------------------------------------------------------------------
 */

/* A fork is what its parent is, with the same arguments. */
static void write_full_command(const struct terminal *terminal,
                               const struct recorded_processes *table, size_t index)
{
    const struct recorded_process *process = &table->processes[index];

    if (has_own_command(process, index) &&
        (process->args.n > 0 || process->executable[0] != '\0')) {
        write_command(terminal, process);
    } else if (process->program != NULL && process->program[0] != '\0') {
        terminal_print(terminal, string_view_of(process->program), MAX_COMMAND);
    } else {
        terminal_print(terminal, string_view_of(process->name[0] != '\0' ? process->name : "?"),
                       MAX_COMMAND);
    }
}

static void write_number(const struct terminal *terminal, int64_t number, int64_t least)
{
    if (number >= least) {
        fprintf(terminal->out, "%" PRId64, number);
    } else {
        fputc('?', terminal->out);
    }
}

static void write_lost(const struct terminal *terminal, const struct recorded_process *process)
{
    bool is_known = process->rows_logged >= 0 && process->rows_stored >= 0;
    int64_t n = process->rows_logged > process->rows_stored
                    ? process->rows_logged - process->rows_stored
                    : 0;
    write_number(terminal, is_known ? n : -1, 0);
}

static void write_list(const struct terminal *terminal, const struct recorded_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++) {
        fputs(i > 0 ? ", " : "", terminal->out);
        terminal_print(terminal, string_view_of(texts->texts[i]), MAX_COMMAND);
    }
}

static void write_made_by(const struct terminal *terminal, const struct recorded_process *process)
{
    terminal_print(terminal,
                   string_view_of(process->made_by != NULL ? process->made_by : "unknown"), 20);
}

void process_column_write(const struct terminal *terminal, const struct recording *recording,
                          size_t index, enum process_column column)
{
    const struct recorded_process *process = &recording->processes.processes[index];

    switch (column) {
    case PROCESS_COLUMN_ROLE:
        write_name(terminal, process, index);
        break;
    case PROCESS_COLUMN_COMMAND:
        write_full_command(terminal, &recording->processes, index);
        break;
    case PROCESS_COLUMN_PID:
        if (process->pid > 0) {
            fprintf(terminal->out, "pid %" PRId64, process->pid);
        }
        break;
    case PROCESS_COLUMN_PID_NUMBER:
        write_number(terminal, process->pid, 1);
        break;
    case PROCESS_COLUMN_PARENT:
        write_number(terminal, process->parent_pid, 1);
        break;
    case PROCESS_COLUMN_MADE_BY:
        write_made_by(terminal, process);
        break;
    case PROCESS_COLUMN_ENDING:
        write_ending(terminal, process);
        break;
    case PROCESS_COLUMN_ROWS:
        write_rows(terminal, recording, index);
        break;
    case PROCESS_COLUMN_LOGGED:
        write_number(terminal, process->rows_logged, 0);
        break;
    case PROCESS_COLUMN_STORED:
        write_number(terminal, process->rows_stored, 0);
        break;
    case PROCESS_COLUMN_LOST:
        write_lost(terminal, process);
        break;
    case PROCESS_COLUMN_PROVIDERS:
        write_list(terminal, &process->providers);
        break;
    }
}

const char *process_column_title(enum process_column column)
{
    static const char *const titles[] = {
        [PROCESS_COLUMN_ROLE] = "PROCESS",  [PROCESS_COLUMN_COMMAND] = "COMMAND",
        [PROCESS_COLUMN_PID] = "PID",       [PROCESS_COLUMN_PID_NUMBER] = "PID",
        [PROCESS_COLUMN_PARENT] = "PARENT", [PROCESS_COLUMN_MADE_BY] = "STARTED",
        [PROCESS_COLUMN_ENDING] = "ENDED",  [PROCESS_COLUMN_ROWS] = "ROWS",
        [PROCESS_COLUMN_LOGGED] = "LOGGED", [PROCESS_COLUMN_STORED] = "STORED",
        [PROCESS_COLUMN_LOST] = "LOST",     [PROCESS_COLUMN_PROVIDERS] = "MADE SAFE",
    };
    return titles[column];
}

bool process_column_is_number(enum process_column column)
{
    return column == PROCESS_COLUMN_PID_NUMBER || column == PROCESS_COLUMN_PARENT ||
           column == PROCESS_COLUMN_LOGGED || column == PROCESS_COLUMN_STORED ||
           column == PROCESS_COLUMN_LOST;
}
