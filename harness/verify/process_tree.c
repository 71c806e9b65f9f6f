/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The tree of processes, a line for each image. Recordings come from anywhere: a tree may be deep
 * or wide, so lines are counted, and its links are free of circles (process_roles.c).
 */
#include "harness/verify/process_tree.h"

#include "harness/cleanup.h"
#include "harness/verify/diff.h"
#include "harness/verify/ending.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COMMAND 48 /* bytes of a command line */

enum { COLUMN_NAME, COLUMN_PID, COLUMN_MADE_BY, COLUMN_ENDING, COLUMN_ROWS, N_COLUMNS };

/* One image, in columns that will be as wide as the widest of them. */
struct line {
    char *columns[N_COLUMNS];
    size_t branch_size; /* bytes of the lines in front of the name */
    enum hue hue;
    bool has_died, has_lost; /* of a signal; rows */
};

struct drawing {
    struct terminal terminal; /* writes into memory, so that widths can be compared */
    const struct recording *recording;
    size_t n_lines, n_images;
    struct line lines[PROCESS_TREE_MAX_LINES];
    size_t *children;    /* heads, those of one parent together, in the order of birth */
    size_t *first_child; /* of each image: where its own begin; n stands for those without one */
};

/* --- Who is whose child ----------------------------------------------------------------------- */

static bool is_top(const struct recorded_process *process)
{
    return process->role == ROLE_ROOT || process->role == ROLE_UNKNOWN;
}

/* A counting sort by parent that keeps the order of birth. */
static int sort_children(struct drawing *drawing)
{
    const struct recorded_processes *table = &drawing->recording->processes;
    drawing->children = calloc(table->n_heads + 1, sizeof *drawing->children);
    drawing->first_child = calloc(table->n + 3, sizeof *drawing->first_child);
    if (drawing->children == NULL || drawing->first_child == NULL) {
        return -ENOMEM;
    }
    /* First counts, then where each parent's children go; at the end that is where the next
     * parent's begin, which shifted by one is what we want. */
    size_t *next = drawing->first_child + 1;
    for (size_t i = 0; i < table->n_heads; i++) {
        const struct recorded_process *process = &table->processes[table->by_birth[i]];
        next[(is_top(process) ? table->n : process->parent_index) + 1]++;
    }
    for (size_t i = 0; i <= table->n; i++) {
        next[i + 1] += next[i];
    }
    for (size_t i = 0; i < table->n_heads; i++) {
        const struct recorded_process *process = &table->processes[table->by_birth[i]];
        size_t parent = is_top(process) ? table->n : process->parent_index;
        drawing->children[next[parent]++] = table->by_birth[i];
    }
    return 0;
}

/* --- The columns of a line -------------------------------------------------------------------- */

/* "/usr/bin/true" is shown as "true": the line has other things to say. */
static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* What the process was started as: its arguments, else its executable. */
static void write_command(const struct terminal *terminal, const struct recorded_process *process)
{
    if (process->n_args == 0) {
        terminal_print(terminal, string_view_of(last_part(process->executable)), MAX_COMMAND);
        return;
    }
    size_t left = MAX_COMMAND;
    for (size_t i = 0; i < process->n_args; i++) {
        struct string_view argument =
            string_view_of(i == 0 ? last_part(process->args[0]) : process->args[i]);
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

/* --- Lines ------------------------------------------------------------------------------------ */

/* Runs one of the writers above into a new string. */
static int capture(struct drawing *drawing, size_t index, int column, const char *branch,
                   char **ret_text)
{
    const struct recorded_process *process = &drawing->recording->processes.processes[index];
    struct terminal *terminal = &drawing->terminal;
    size_t size = 0;
    terminal->out = open_memstream(ret_text, &size);
    if (terminal->out == NULL) {
        return -ENOMEM;
    }
    switch (column) {
    case COLUMN_NAME:
        fputs(branch, terminal->out);
        write_name(terminal, process, index);
        break;
    case COLUMN_PID:
        if (process->pid > 0) {
            fprintf(terminal->out, "pid %" PRId64, process->pid);
        }
        break;
    case COLUMN_MADE_BY:
        terminal_print(terminal,
                       string_view_of(process->made_by != NULL ? process->made_by : "unknown"), 20);
        break;
    case COLUMN_ENDING:
        write_ending(terminal, process);
        break;
    default:
        write_rows(terminal, drawing->recording, index);
        break;
    }
    return fclose(terminal->out) == 0 ? 0 : -ENOMEM;
}

static int add_line(struct drawing *drawing, size_t index, const char *branch)
{
    const struct recorded_process *process = &drawing->recording->processes.processes[index];
    struct line *line = &drawing->lines[drawing->n_lines++];
    *line = (struct line){
        .branch_size = strlen(branch),
        .hue = process_tree_hue(drawing->recording, process->head),
        .has_died = process->has_ended && (strcmp(process->ended_by, "signal") == 0 ||
                                           strcmp(process->ended_by, "abort") == 0),
        .has_lost = process->rows_stored >= 0 && process->rows_logged > process->rows_stored,
    };
    int error = 0;
    for (int column = 0; error == 0 && column < N_COLUMNS; column++) {
        error = capture(drawing, index, column, branch, &line->columns[column]);
    }
    return error;
}

/* The lines in front of a name: `trunk` is what stands in front of all below one parent. */
static const char *branch_piece(const struct drawing *drawing, bool is_last, bool is_trunk)
{
    static const char *const pieces[2][2][2] = {
        {{"|- ", "`- "}, {"|  ", "   "}},
        {{"├─ ", "└─ "}, {"│  ", "   "}},
    };
    return pieces[drawing->terminal.has_unicode][is_trunk][is_last];
}

static int add_process(struct drawing *drawing, size_t head, const char *trunk, const char *branch);

static int add_below(struct drawing *drawing, size_t index, bool is_image, bool is_last,
                     const char *trunk)
{
    CLEANUP(free_pointer) char *branch = NULL, *below = NULL;
    if (asprintf(&branch, "%s%s", trunk, branch_piece(drawing, is_last, false)) < 0) {
        branch = NULL;
        return -ENOMEM;
    }
    if (is_image) {
        return add_line(drawing, index, branch);
    }
    if (asprintf(&below, "%s%s", trunk, branch_piece(drawing, is_last, true)) < 0) {
        below = NULL;
        return -ENOMEM;
    }
    return add_process(drawing, index, below, branch);
}

/* A process, then what exec made of it, then its children. As deep as there are lines at most. */
static int add_process(struct drawing *drawing, size_t head, const char *trunk, const char *branch)
{
    const struct recorded_processes *table = &drawing->recording->processes;
    size_t first = drawing->first_child[head], end = drawing->first_child[head + 1];
    int error = drawing->n_lines < PROCESS_TREE_MAX_LINES ? add_line(drawing, head, branch) : 0;

    for (size_t i = table->processes[head].next_image;
         error == 0 && i != NO_PROCESS && drawing->n_lines < PROCESS_TREE_MAX_LINES;
         i = table->processes[i].next_image) {
        bool is_last = first == end && table->processes[i].next_image == NO_PROCESS;
        error = add_below(drawing, i, true, is_last, trunk);
    }
    for (size_t i = first; error == 0 && i < end && drawing->n_lines < PROCESS_TREE_MAX_LINES;
         i++) {
        error = add_below(drawing, drawing->children[i], false, i + 1 == end, trunk);
    }
    return error;
}

/* --- Printing --------------------------------------------------------------------------------- */

static void print_column(const struct terminal *terminal, const struct line *line, int column,
                         size_t width)
{
    const char *text = line->columns[column];
    size_t n = terminal_columns(terminal, string_view_of(text));
    enum hue hue = column == COLUMN_NAME                              ? line->hue
                   : column == COLUMN_ENDING && line->has_died        ? HUE_RED
                   : column == COLUMN_ROWS && line->has_lost          ? HUE_RED
                   : column == COLUMN_PID || column == COLUMN_MADE_BY ? HUE_DIM
                                                                      : HUE_NONE;
    if (column == COLUMN_NAME) {
        fwrite(text, 1, line->branch_size, terminal->out);
        text += line->branch_size;
    }
    terminal_color(terminal, hue);
    fputs(text, terminal->out);
    if (hue != HUE_NONE) {
        terminal_plain(terminal);
    }
    if (column + 1 < N_COLUMNS) {
        fprintf(terminal->out, "%*s", (int)(width - n + 2), "");
    }
}

static void print_lines(const struct terminal *terminal, const struct drawing *drawing)
{
    size_t widths[N_COLUMNS] = {0};
    for (size_t i = 0; i < drawing->n_lines; i++) {
        for (int column = 0; column < N_COLUMNS; column++) {
            size_t n =
                terminal_columns(terminal, string_view_of(drawing->lines[i].columns[column]));
            widths[column] = n > widths[column] ? n : widths[column];
        }
    }
    for (size_t i = 0; i < drawing->n_lines; i++) {
        for (int column = 0; column < N_COLUMNS; column++) {
            if (widths[column] > 0) {
                print_column(terminal, &drawing->lines[i], column, widths[column]);
            }
        }
        fputc('\n', terminal->out);
    }
    if (drawing->recording->processes.n > drawing->n_lines) {
        fprintf(terminal->out, "and %zu more\n",
                drawing->recording->processes.n - drawing->n_lines);
    }
}

static int draw(struct drawing *drawing)
{
    const struct recorded_processes *table = &drawing->recording->processes;
    int error = sort_children(drawing);
    if (error < 0) {
        return error;
    }
    for (size_t i = drawing->first_child[table->n];
         error == 0 && i < drawing->first_child[table->n + 1]; i++) {
        error = add_process(drawing, drawing->children[i], "", "");
    }
    return error;
}

int process_tree_print(const struct terminal *terminal, const struct recording *recording)
{
    struct drawing *drawing = calloc(1, sizeof *drawing);
    if (drawing == NULL) {
        return -ENOMEM;
    }
    drawing->terminal = *terminal;
    drawing->recording = recording;
    int error = draw(drawing);
    if (error == 0) {
        print_lines(terminal, drawing);
    }
    for (size_t i = 0; i < drawing->n_lines; i++) {
        for (int column = 0; column < N_COLUMNS; column++) {
            free(drawing->lines[i].columns[column]);
        }
    }
    free(drawing->children);
    free(drawing->first_child);
    free(drawing);
    return error;
}

enum hue process_tree_hue(const struct recording *recording, size_t head)
{
    const struct recorded_processes *table = &recording->processes;
    for (size_t i = 0; i < table->n_heads; i++) {
        if (table->by_birth[i] == head) {
            return terminal_hue_of(i);
        }
    }
    return HUE_NONE;
}
