/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The tree of processes, a line for each image. Recordings come from anywhere: a tree may be deep
 * or wide, so lines are counted, and its links are free of circles (process_roles.c).
 */
#include "harness/verify/process_tree.h"

#include "harness/cleanup.h"
#include "harness/verify/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One image, in columns that will be as wide as the widest of them. */
struct line {
    char *columns[PROCESS_TREE_MAX_COLUMNS];
    size_t branch_size; /* bytes of the lines in front of the name */
    enum hue hue;
    bool has_died, has_lost; /* of a signal; rows */
};

struct drawing {
    struct terminal terminal; /* writes into memory, so that widths can be compared */
    const struct recording *recording;
    const struct process_tree_view *view;
    size_t n_lines;
    struct line *lines;  /* room for view->max_lines, or for all images if they are fewer */
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

/* --- Lines ------------------------------------------------------------------------------------ */

/* Writes one column into a new string. */
static int capture(struct drawing *drawing, size_t index, size_t column, const char *branch,
                   char **ret_text)
{
    struct terminal *terminal = &drawing->terminal;
    size_t size = 0;
    terminal->out = open_memstream(ret_text, &size);
    if (terminal->out == NULL) {
        return -ENOMEM;
    }
    fputs(column == 0 ? branch : "", terminal->out);
    process_column_write(terminal, drawing->recording, index, drawing->view->columns[column]);
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
    for (size_t column = 0; error == 0 && column < drawing->view->n_columns; column++) {
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
    int error = drawing->n_lines < drawing->view->max_lines ? add_line(drawing, head, branch) : 0;

    for (size_t i = table->processes[head].next_image;
         error == 0 && i != NO_PROCESS && drawing->n_lines < drawing->view->max_lines;
         i = table->processes[i].next_image) {
        bool is_last = first == end && table->processes[i].next_image == NO_PROCESS;
        error = add_below(drawing, i, true, is_last, trunk);
    }
    for (size_t i = first; error == 0 && i < end && drawing->n_lines < drawing->view->max_lines;
         i++) {
        error = add_below(drawing, drawing->children[i], false, i + 1 == end, trunk);
    }
    return error;
}

/* --- Printing --------------------------------------------------------------------------------- */

static enum hue hue_of(const struct line *line, enum process_column column)
{
    switch (column) {
    case PROCESS_COLUMN_ROLE:
    case PROCESS_COLUMN_COMMAND:
        return line->hue;
    case PROCESS_COLUMN_ENDING:
        return line->has_died ? HUE_RED : HUE_NONE;
    case PROCESS_COLUMN_ROWS:
    case PROCESS_COLUMN_LOST:
        return line->has_lost ? HUE_RED : HUE_NONE;
    case PROCESS_COLUMN_PID:
    case PROCESS_COLUMN_MADE_BY:
        return HUE_DIM;
    default:
        return HUE_NONE;
    }
}

/*
 * Writes the text of a column, `blank` columns after the one before. Returns how far away the next
 * one begins: at the end of a line stands no blank.
 */
static size_t print_column(const struct terminal *terminal, const struct drawing *drawing,
                           const struct line *line, size_t i, size_t width, size_t blank)
{
    enum process_column column = drawing->view->columns[i];
    const char *text = line->columns[i];
    size_t rest = width - terminal_columns(terminal, string_view_of(text));
    enum hue hue = hue_of(line, column);
    bool is_number = process_column_is_number(column);

    if (*text == '\0') {
        return blank + width + 2;
    }
    fprintf(terminal->out, "%*s", (int)(blank + (is_number ? rest : 0)), "");
    if (i == 0) {
        fwrite(text, 1, line->branch_size, terminal->out);
        text += line->branch_size;
    }
    terminal_color(terminal, hue);
    fputs(text, terminal->out);
    if (hue != HUE_NONE) {
        terminal_plain(terminal);
    }
    return (is_number ? 0 : rest) + 2;
}

/* Columns in which nothing stands are left out. */
static void measure(const struct terminal *terminal, const struct drawing *drawing, size_t *widths)
{
    for (size_t i = 0; i < drawing->n_lines; i++) {
        for (size_t column = 0; column < drawing->view->n_columns; column++) {
            size_t n =
                terminal_columns(terminal, string_view_of(drawing->lines[i].columns[column]));
            widths[column] = n > widths[column] ? n : widths[column];
        }
    }
    for (size_t i = 0; drawing->view->has_titles && i < drawing->view->n_columns; i++) {
        size_t n = strlen(process_column_title(drawing->view->columns[i]));
        widths[i] = widths[i] > 0 && n > widths[i] ? n : widths[i];
    }
}

static void print_titles(const struct terminal *terminal, const struct drawing *drawing,
                         const size_t *widths)
{
    size_t n_blanks = 0; /* before the next title: none at the end of the line */

    terminal_color(terminal, HUE_BOLD);
    for (size_t i = 0; i < drawing->view->n_columns; i++) {
        const char *title = process_column_title(drawing->view->columns[i]);
        bool is_number = process_column_is_number(drawing->view->columns[i]);
        if (widths[i] > 0) {
            size_t rest = widths[i] - strlen(title);
            fprintf(terminal->out, "%*s%s", (int)(n_blanks + (is_number ? rest : 0)), "", title);
            n_blanks = 2 + (is_number ? 0 : rest);
        }
    }
    terminal_plain(terminal);
    fputc('\n', terminal->out);
}

static void print_lines(const struct terminal *terminal, const struct drawing *drawing)
{
    size_t widths[PROCESS_TREE_MAX_COLUMNS] = {0};
    measure(terminal, drawing, widths);
    if (drawing->view->has_titles) {
        print_titles(terminal, drawing, widths);
    }
    for (size_t i = 0; i < drawing->n_lines; i++) {
        size_t blank = 0;
        for (size_t column = 0; column < drawing->view->n_columns; column++) {
            if (widths[column] > 0) {
                blank = print_column(terminal, drawing, &drawing->lines[i], column, widths[column],
                                     blank);
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
    size_t n = table->n < drawing->view->max_lines ? table->n : drawing->view->max_lines;
    int error = sort_children(drawing);
    if (error < 0) {
        return error;
    }
    drawing->lines = calloc(n + 1, sizeof *drawing->lines);
    if (drawing->lines == NULL) {
        return -ENOMEM;
    }
    for (size_t i = drawing->first_child[table->n];
         error == 0 && i < drawing->first_child[table->n + 1]; i++) {
        error = add_process(drawing, drawing->children[i], "", "");
    }
    return error;
}

int process_tree_print_view(const struct terminal *terminal, const struct recording *recording,
                            const struct process_tree_view *view)
{
    struct drawing drawing = {.terminal = *terminal, .recording = recording, .view = view};
    int error = draw(&drawing);
    if (error == 0) {
        print_lines(terminal, &drawing);
    }
    for (size_t i = 0; i < drawing.n_lines; i++) {
        for (size_t column = 0; column < view->n_columns; column++) {
            free(drawing.lines[i].columns[column]);
        }
    }
    free(drawing.lines);
    free(drawing.children);
    free(drawing.first_child);
    return error;
}

int process_tree_print(const struct terminal *terminal, const struct recording *recording)
{
    static const enum process_column columns[] = {PROCESS_COLUMN_ROLE, PROCESS_COLUMN_PID,
                                                  PROCESS_COLUMN_MADE_BY, PROCESS_COLUMN_ENDING,
                                                  PROCESS_COLUMN_ROWS};
    return process_tree_print_view(terminal, recording,
                                   &(struct process_tree_view){
                                       .columns = columns,
                                       .n_columns = sizeof columns / sizeof columns[0],
                                       .max_lines = PROCESS_TREE_MAX_LINES,
                                   });
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
