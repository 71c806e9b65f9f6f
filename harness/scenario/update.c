/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lines of a file, of which those of two keys are written anew. What is written is read back before
 * it takes the place of the old one.
 */
#include "harness/scenario/update.h"

#include "harness/cleanup.h"
#include "harness/verify/ending.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_ENTRIES EXPECTATION_MAX_ROWS

/* --- Values ----------------------------------------------------------------------------------- */

static bool begins_with(struct string_view text, const char *word, size_t size)
{
    return size > 0 && text.size >= size && memcmp(text.data, word, size) == 0;
}

static void write_character(FILE *out, char c)
{
    switch (c) {
    case '"':
    case '\\':
        fprintf(out, "\\%c", c);
        break;
    case '{':
    case '}':
        fprintf(out, "%c%c", c, c); /* a brace itself, to a pattern */
        break;
    default:
        if ((unsigned char)c < 0x20 || c == 0x7f) {
            fprintf(out, "\\x%02x", (unsigned)c);
        } else {
            fputc(c, out);
        }
    }
}

/* What differs from run to run. */
struct variables {
    char pid[24];
    struct string_view recording_id;
};

/* In double quotes, as a pattern. */
static void write_text(FILE *out, struct string_view text, const struct variables *variables)
{
    bool was_digit = false;

    fputc('"', out);
    while (text.size > 0) {
        size_t pid_size = strlen(variables->pid), size = 1;
        bool is_pid = !was_digit && begins_with(text, variables->pid, pid_size) &&
                      (text.size == pid_size || !isdigit((unsigned char)text.data[pid_size]));
        if (is_pid) {
            fputs("{pid}", out);
            size = pid_size;
        } else if (begins_with(text, variables->recording_id.data, variables->recording_id.size)) {
            fputs("{recording_id}", out);
            size = variables->recording_id.size;
        } else {
            write_character(out, text.data[0]);
        }
        was_digit = isdigit((unsigned char)text.data[size - 1]) != 0;
        text = (struct string_view){text.data + size, text.size - size};
    }
    fputc('"', out);
}

static void write_boxes(FILE *out, const struct recorded_row *row)
{
    fputs(", box_xywh: ", out);
    fputs(row->n_boxes == 1 ? "" : "[", out);
    for (size_t i = 0; i < row->n_boxes; i++) {
        double numbers[4];
        box_express(&row->boxes[i], BOX_XYWH, numbers);
        fprintf(out, "%s[%.7g, %.7g, %.7g, %.7g]", i > 0 ? ", " : "", numbers[0], numbers[1],
                numbers[2], numbers[3]);
    }
    fputs(row->n_boxes == 1 ? "" : "]", out);
}

static void write_labels(FILE *out, const struct recorded_row *row,
                         const struct variables *variables)
{
    fputs(row->n_labels == 1 ? ", label: " : ", labels: [", out);
    for (size_t i = 0; i < row->n_labels; i++) {
        fputs(i > 0 ? ", " : "", out);
        write_text(out, row->labels[i], variables);
    }
    fputs(row->n_labels == 1 ? "" : "]", out);
}

static void write_color(FILE *out, const struct recorded_row *row)
{
    for (size_t i = 1; i < row->n_colors; i++) {
        if (row->colors[i] != row->colors[0]) {
            return; /* an entry has one colour for all boxes */
        }
    }
    fprintf(out, ", color: \"#%08" PRIx32 "\"", row->colors[0]);
}

/* --- Entries ---------------------------------------------------------------------------------- */

static void write_process(FILE *out, const struct recorded_process *process)
{
    if (process->role == ROLE_ROOT) {
        fputs("root", out);
    } else {
        fprintf(out, "%s %u", process_role_name(process->role), process->birth);
    }
}

/* One entry without its count, without the closing brace. NULL without memory. */
static char *make_entry(const struct recorded_process *process, const struct recorded_row *row)
{
    struct variables variables = {.recording_id = row->recording_id};
    char *entry = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&entry, &size);

    if (out == NULL) {
        return NULL;
    }
    if (process->pid > 0) {
        snprintf(variables.pid, sizeof variables.pid, "%" PRId64, process->pid);
    }
    fputs("  - {process: ", out);
    write_process(out, process);
    fputs(", entity: ", out);
    write_text(out, string_view_of(row->entity), &variables);
    if (row->has_text) {
        fputs(", text: ", out);
        write_text(out, row->text, &variables);
    }
    if (row->has_level) {
        fputs(", level: ", out);
        write_text(out, row->level, &(struct variables){0});
    }
    if (row->has_boxes && row->n_boxes > 0) {
        write_boxes(out, row);
    }
    if (row->has_labels) {
        write_labels(out, row, &variables);
    }
    if (row->n_colors > 0) {
        write_color(out, row);
    }
    if (fclose(out) != 0) {
        free(entry);
        return NULL;
    }
    return entry;
}

static void end_entry(FILE *out, const char *entry, uint64_t count)
{
    if (entry != NULL) {
        fputs(entry, out);
        if (count > 1) {
            fprintf(out, ", count: %" PRIu64, count);
        }
        fputs("}\n", out);
    }
}

/* The rows of one process; equal neighbours become one entry. Returns 0 or -ENOMEM. */
static int write_rows(FILE *out, const struct recording *recording, size_t head, size_t *n_entries)
{
    const struct recorded_processes *table = &recording->processes;
    CLEANUP(free_pointer) char *last = NULL;
    uint64_t count = 0;

    for (size_t i = head; i != NO_PROCESS; i = table->processes[i].next_image) {
        const struct row_queue *queue = &recording->rows[i];
        for (size_t j = 0; j < queue->n; j++) {
            char *entry = make_entry(&table->processes[head], &queue->rows[j]);
            if (entry == NULL) {
                return -ENOMEM;
            }
            if (last != NULL && strcmp(last, entry) == 0) {
                free(entry);
                count++;
                continue;
            }
            end_entry(out, last, count);
            free(last);
            last = entry;
            count = 1;
            ++*n_entries;
        }
    }
    end_entry(out, last, count);
    return 0;
}

static int write_expect(FILE *out, const struct recording *recording, size_t *n_entries)
{
    const struct recorded_processes *table = &recording->processes;
    int error = 0;

    fputs("expect:\n", out);
    for (size_t i = 0; error == 0 && i < table->n_heads; i++) {
        error = write_rows(out, recording, table->by_birth[i], n_entries);
    }
    return error;
}

static void write_ends(FILE *out, const struct recording *recording)
{
    const struct recorded_processes *table = &recording->processes;

    fputs("ends:\n", out);
    for (size_t i = 0; i < table->n_heads; i++) {
        const struct recorded_process *head = &table->processes[table->by_birth[i]];
        const struct recorded_process *last =
            recorded_processes_last_image(table, table->by_birth[i]);
        char text[ENDING_TEXT_SIZE];
        struct ending ending;

        ending_format(last->has_ended ? last->ended_by : "", last->status, text);
        if (head->role == ROLE_UNKNOWN || ending_parse(text, &ending) < 0) {
            continue; /* nobody knows how it ended, so nothing can be expected */
        }
        fputs("  ", out);
        write_process(out, head);
        fprintf(out, ": %s\n", text);
    }
}

/* --- The file --------------------------------------------------------------------------------- */

/* Lines, from 0, that a key and its value take. */
struct span {
    size_t first, end;
};

static struct span find_span(struct yaml_document *document, const char *key)
{
    const yaml_node_t *value = yaml_document_value(document, key);
    const yaml_node_t *root = yaml_document_root(document);

    for (yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         value != NULL && pair < root->data.mapping.pairs.top; pair++) {
        if (yaml_document_node(document, pair->value) == value) {
            const yaml_mark_t *end = &value->end_mark;
            return (struct span){yaml_document_node(document, pair->key)->start_mark.line,
                                 end->line + (end->column > 0)};
        }
    }
    return (struct span){SIZE_MAX, SIZE_MAX};
}

/* Copies the lines of `in` and puts the new keys where the old ones were, `ends` before `expect`
 * where it was not there. Returns 0 or a negative errno. */
static int write_file(FILE *in, FILE *out, struct span ends, struct span expect,
                      const struct recording *recording)
{
    CLEANUP(free_pointer) char *line = NULL;
    size_t size = 0, number = 0, n_entries = 0;
    int error = 0;

    while (error == 0 && getline(&line, &size, in) >= 0) {
        if (number == ends.first || (ends.first == SIZE_MAX && number == expect.first)) {
            write_ends(out, recording);
        }
        if (number == expect.first) {
            error = write_expect(out, recording, &n_entries);
        }
        if ((number < ends.first || number >= ends.end) &&
            (number < expect.first || number >= expect.end)) {
            fputs(line, out);
        }
        number++;
    }
    if (error == 0 && n_entries > MAX_ENTRIES) {
        return -E2BIG;
    }
    return error < 0 ? error : ferror(in) || ferror(out) ? -EIO : 0;
}

static int rewrite(struct yaml_document *document, const char *path, const char *part,
                   const struct recording *recording)
{
    CLEANUP(close_file) FILE *in = fopen(path, "re");
    CLEANUP(close_file) FILE *out = in != NULL ? fopen(part, "we") : NULL;
    struct stat status;

    if (out == NULL) {
        return -errno;
    }
    if (fstat(fileno(in), &status) == 0) {
        (void)!fchmod(fileno(out), status.st_mode & 07777);
    }
    int error =
        write_file(in, out, find_span(document, "ends"), find_span(document, "expect"), recording);
    int closed = fclose(out);
    out = NULL;
    return error == 0 && closed != 0 ? -errno : error;
}

/* What was written must be a scenario again. */
static int replace(const char *path, const char *part, char fault[static YAML_FAULT_SIZE])
{
    struct expectation read_back;
    int error = expectation_load(&read_back, part, 0, fault);

    if (error < 0) {
        return error;
    }
    expectation_done(&read_back);
    if (rename(part, path) < 0) {
        error = -errno;
        snprintf(fault, YAML_FAULT_SIZE, "%.400s: %s", path, strerror(errno));
    }
    return error;
}

static int refuse(char fault[static YAML_FAULT_SIZE], const char *path, const char *why)
{
    snprintf(fault, YAML_FAULT_SIZE, "%.400s cannot be updated: %s", path, why);
    return -EINVAL;
}

static int update(struct yaml_document *document, const char *path,
                  const struct recording *recording, char fault[static YAML_FAULT_SIZE])
{
    CLEANUP(free_pointer) char *part = NULL;

    if (asprintf(&part, "%s.new", path) < 0) {
        part = NULL;
        return refuse(fault, path, "out of memory");
    }
    int error = rewrite(document, path, part, recording);
    if (error < 0) {
        (void)refuse(fault, path,
                     error == -E2BIG ? "more rows than a file may expect" : strerror(-error));
    } else {
        error = replace(path, part, fault);
    }
    if (error < 0) {
        unlink(part);
    }
    return error;
}

static bool has_all_rows(const struct recording *recording)
{
    for (size_t i = 0; i < recording->n_queues; i++) {
        if (recording->rows[i].n_dropped > 0) {
            return false;
        }
    }
    return recording->n_rows > 0;
}

int update_scenario(const struct expectation *scenario, const struct recording *recording,
                    char fault[static YAML_FAULT_SIZE])
{
    struct yaml_document document;

    if (scenario->plan.matrix.n_axes > 0) {
        return refuse(fault, scenario->path, "its matrix would be lost; change it by hand");
    }
    if (!has_all_rows(recording)) {
        return refuse(fault, scenario->path,
                      recording->n_rows == 0 ? "no rows arrived, and a file must expect something"
                                             : "it logs too many rows to write them out");
    }
    int error = yaml_document_open(&document, scenario->path);
    if (error < 0) {
        snprintf(fault, YAML_FAULT_SIZE, "%s", document.fault);
    } else if (yaml_document_root(&document)->data.mapping.style == YAML_FLOW_MAPPING_STYLE) {
        error = refuse(fault, scenario->path,
                       "its keys stand in braces, several on a line perhaps; give each key a line "
                       "of its own, without them");
    } else {
        error = update(&document, scenario->path, recording, fault);
    }
    yaml_document_done(&document);
    return error;
}
