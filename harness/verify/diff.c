/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writes findings. Judges nothing and keeps no state. */
#include "harness/verify/diff.h"

#include "harness/verify/row_text.h"

#include <inttypes.h>
#include <string.h>

#define INDENT "             "

void diff_print_process(const struct terminal *terminal, const struct recorded_process *process)
{
    if (process->role == ROLE_UNKNOWN && process->name[0] == '\0') {
        fputs("rows that name no process", terminal->out);
        return;
    }
    if (process->role == ROLE_UNKNOWN) {
        fputs("process ", terminal->out);
        terminal_print(terminal, string_view_of(process->name), 60);
    } else if (process->role == ROLE_ROOT && process->birth == 1) {
        fputs("root", terminal->out);
    } else {
        fprintf(terminal->out, "%s %u", process_role_name(process->role), process->birth);
    }
    if (process->pid > 0) {
        fprintf(terminal->out, " (pid %" PRId64 ")", process->pid);
    }
}

static void print_heading(const struct terminal *terminal, const struct finding *finding,
                          const struct recording *recording)
{
    char text[SELECTOR_TEXT_SIZE];
    terminal_color(terminal, HUE_BOLD);
    if (finding->process != NO_PROCESS) {
        const struct recorded_process *process = &recording->processes.processes[finding->process];
        diff_print_process(terminal, process);
        if (process->role == ROLE_UNKNOWN && process->name[0] != '\0') {
            fputs(process->has_begun ? ": not below the root, as far as the recording knows"
                                     : ": the recording does not tell who made it",
                  terminal->out);
        }
    } else if (finding->kind == FINDING_NO_ROWS) {
        fputs("the recording holds no rows", terminal->out);
    } else {
        process_selector_format(finding->expected != NULL ? &finding->expected->selector
                                                          : &finding->ending->selector,
                                text);
        fputs(text, terminal->out);
        if (finding->kind == FINDING_NO_PROCESS) {
            fputs(": there is no such process", terminal->out);
        }
    }
    terminal_plain(terminal);
    fputc('\n', terminal->out);
}

/* Tells whether two findings stand under one heading. */
static bool share_heading(const struct finding *a, const struct finding *b)
{
    if (a->process != b->process || (a->process == NO_PROCESS && a->kind != b->kind)) {
        return false;
    }
    if (a->process != NO_PROCESS) {
        return true;
    }
    const struct process_selector *x = a->expected ? &a->expected->selector : &a->ending->selector;
    const struct process_selector *y = b->expected ? &b->expected->selector : &b->ending->selector;
    return process_selector_same_group(x, y) && x->birth == y->birth &&
           x->n_processes == y->n_processes;
}

static void print_label(const struct terminal *terminal, enum hue hue, const char *label)
{
    terminal_color(terminal, hue);
    fprintf(terminal->out, "  %-11s", label);
    terminal_plain(terminal);
}

static void print_place(const struct terminal *terminal, const struct expectation *expectation,
                        const char *what, struct yaml_place place)
{
    terminal_color(terminal, HUE_DIM);
    fprintf(terminal->out, INDENT "%s at %s:%zu:%zu", what, expectation->path, place.line,
            place.column);
    terminal_plain(terminal);
    fputc('\n', terminal->out);
}

/* --- Each kind -------------------------------------------------------------------------------- */

/* "at least 3 are expected, 1 is there" */
static void print_count_of_range(const struct terminal *terminal, const struct finding *finding)
{
    const struct expected_row *row = finding->expected;
    if (row->max_count == COUNT_UNLIMITED) {
        fprintf(terminal->out, INDENT "at least %" PRIu64, row->min_count);
    } else {
        fprintf(terminal->out, INDENT "%" PRIu64 " to %" PRIu64, row->min_count, row->max_count);
    }
    fprintf(terminal->out, " are expected, %" PRIu64 " %s there\n", finding->n_there,
            finding->n_there == 1 ? "is" : "are");
}

static void print_missing(const struct terminal *terminal, const struct expectation *expectation,
                          const struct finding *finding)
{
    print_label(terminal, HUE_RED, "missing");
    if (finding->n > 1) {
        fprintf(terminal->out, "%" PRIu64 " times ", finding->n);
    }
    row_text_print_expected(terminal, finding->expected);
    fputc('\n', terminal->out);
    if (finding->expected->min_count != finding->expected->max_count) {
        print_count_of_range(terminal, finding);
    }
    print_place(terminal, expectation, "expected", finding->expected->place);
}

static void print_extra(const struct terminal *terminal, const struct finding *finding)
{
    print_label(terminal, HUE_YELLOW, "extra");
    row_text_print_recorded(terminal, finding->row, BOX_XYWH);
    fputc('\n', terminal->out);
}

static void print_forbidden(const struct terminal *terminal, const struct expectation *expectation,
                            const struct finding *finding)
{
    print_label(terminal, HUE_RED, "forbidden");
    row_text_print_recorded(terminal, finding->row, BOX_XYWH);
    fputc('\n', terminal->out);
    print_place(terminal, expectation, "forbidden", finding->expected->place);
}

static void print_misplaced(const struct terminal *terminal, const struct expectation *expectation,
                            const struct finding *finding)
{
    print_label(terminal, HUE_YELLOW, "misplaced");
    row_text_print_recorded(terminal, finding->row, BOX_XYWH);
    fputs("\n" INDENT "is not where the order of the entries has it\n", terminal->out);
    print_place(terminal, expectation, "expected", finding->expected->place);
}

static void print_field(const struct terminal *terminal, const struct finding *finding,
                        enum row_field field)
{
    const char *name = row_text_field_name(finding->expected, field);
    int width = strlen(name) > 12 ? (int)strlen(name) : 12;
    terminal_color(terminal, HUE_GREEN);
    fprintf(terminal->out, "    %-*s expected ", width, name);
    row_text_print_expected_field(terminal, finding->expected, field);
    terminal_plain(terminal);
    fputc('\n', terminal->out);
    terminal_color(terminal, HUE_RED);
    fprintf(terminal->out, "    %-*s got      ", width, "");
    row_text_print_recorded_field(terminal, finding->row, field, finding->expected->box_format);
    terminal_plain(terminal);
    fputc('\n', terminal->out);
}

static void print_different(const struct terminal *terminal, const struct expectation *expectation,
                            const struct finding *finding)
{
    print_label(terminal, HUE_RED, "different");
    row_text_print_recorded_field(terminal, finding->row, FIELD_ENTITY, BOX_XYWH);
    fputc('\n', terminal->out);
    for (enum row_field field = FIELD_ENTITY; field <= FIELD_LAST; field *= 2) {
        if (finding->fields & field) {
            print_field(terminal, finding, field);
        }
    }
    if (finding->note[0] != '\0') {
        fputs(INDENT, terminal->out);
        terminal_print(terminal, string_view_of(finding->note), ROW_NOTE_SIZE);
        fputc('\n', terminal->out);
    }
    print_place(terminal, expectation, "expected", finding->expected->place);
}

/* Says how the process ended, and where only others saw it, who. */
static void print_got_ending(const struct terminal *terminal, const struct recording *recording,
                             const struct finding *finding)
{
    char text[ENDING_TEXT_SIZE];
    const struct recorded_process *last =
        recorded_processes_last_image(&recording->processes, finding->process);
    if (!last->has_ended || strcmp(last->ended_by, "unknown") == 0) {
        fputs("nothing is known of its end", terminal->out);
        return;
    }
    ending_format(last->ended_by, last->status, text);
    terminal_print(terminal, string_view_of(text), sizeof text);
    if (last->seen_by != NULL && last->seen_by[0] != '\0' &&
        strcmp(last->seen_by, "process") != 0) {
        fputs(" (seen by ", terminal->out);
        terminal_print(terminal, string_view_of(last->seen_by), 40);
        fputc(')', terminal->out);
    }
}

static void print_ending(const struct terminal *terminal, const struct expectation *expectation,
                         const struct recording *recording, const struct finding *finding)
{
    char text[ENDING_TEXT_SIZE];
    const struct ending *ending = &finding->ending->ending;
    ending_format(ending->by, ending->status, text);
    print_label(terminal, HUE_RED, "ended");
    fprintf(terminal->out, "expected %s, got ", text);
    if (finding->process == NO_PROCESS) {
        fputs("no such process", terminal->out);
    } else {
        print_got_ending(terminal, recording, finding);
    }
    fputc('\n', terminal->out);
    print_place(terminal, expectation, "expected", finding->ending->place);
}

static void print_count(const struct terminal *terminal, const struct expectation *expectation,
                        const struct finding *finding)
{
    print_label(terminal, HUE_RED, "processes");
    fprintf(terminal->out, "there are %" PRIu64 "\n", finding->n);
    print_place(terminal, expectation, "expected",
                finding->expected != NULL ? finding->expected->place : finding->ending->place);
}

static void print_finding(const struct terminal *terminal, const struct expectation *expectation,
                          const struct recording *recording, const struct finding *finding)
{
    switch (finding->kind) {
    case FINDING_NO_PROCESS:
        if (finding->expected == NULL) {
            print_ending(terminal, expectation, recording, finding);
            break;
        }
        print_missing(terminal, expectation, finding);
        break;
    case FINDING_MISSING:
        print_missing(terminal, expectation, finding);
        break;
    case FINDING_PROCESS_COUNT:
        print_count(terminal, expectation, finding);
        break;
    case FINDING_EXTRA:
        print_extra(terminal, finding);
        break;
    case FINDING_FORBIDDEN:
        print_forbidden(terminal, expectation, finding);
        break;
    case FINDING_MISPLACED:
        print_misplaced(terminal, expectation, finding);
        break;
    case FINDING_MORE:
        print_label(terminal, HUE_YELLOW, "extra");
        fprintf(terminal->out, "%" PRIu64 " more rows\n", finding->n);
        break;
    case FINDING_DIFFERENT:
        print_different(terminal, expectation, finding);
        break;
    case FINDING_ENDING:
        print_ending(terminal, expectation, recording, finding);
        break;
    case FINDING_NOT_STORED:
        print_label(terminal, HUE_RED, "lost");
        fprintf(terminal->out, "%" PRIu64 " rows that it logged are not in the recording\n",
                finding->n);
        break;
    case FINDING_UNDECIDED:
        print_label(terminal, HUE_YELLOW, "undecided");
        fputs("there may be a way to count these rows that was not tried, as there are too "
              "many;\n" INDENT "write counts as numbers, or let neighbouring entries differ more\n",
              terminal->out);
        break;
    case FINDING_NO_ROWS:
    case N_FINDING_KINDS:
        break;
    }
}

void diff_print(const struct terminal *terminal, const struct match *match,
                const struct expectation *expectation, const struct recording *recording)
{
    size_t n_of_heading = 0;
    for (size_t i = 0; i < match->n; i++) {
        const struct finding *finding = &match->findings[i];
        bool is_first = i == 0 || !share_heading(&match->findings[i - 1], finding);
        if (is_first) {
            n_of_heading = 0;
            print_heading(terminal, finding, recording);
        }
        if (n_of_heading++ < DIFF_MAX_FINDINGS) {
            print_finding(terminal, expectation, recording, finding);
        }
        bool is_last = i + 1 == match->n || !share_heading(finding, &match->findings[i + 1]);
        if (is_last && n_of_heading > DIFF_MAX_FINDINGS) {
            fprintf(terminal->out, "  and %zu findings more\n", n_of_heading - DIFF_MAX_FINDINGS);
        }
    }
}

/* --- The verdict ------------------------------------------------------------------------------ */

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void print_failure(const struct terminal *terminal, const struct match *match)
{
    const struct {
        uint64_t n;
        const char *what;
    } parts[] = {
        {match->counts[FINDING_MISSING] + match->counts[FINDING_NO_PROCESS], "missing"},
        {match->counts[FINDING_EXTRA] + match->counts[FINDING_MORE], "extra"},
        {match->counts[FINDING_FORBIDDEN], "forbidden"},
        {match->counts[FINDING_MISPLACED], "misplaced"},
        {match->counts[FINDING_DIFFERENT], "different"},
        {match->counts[FINDING_NOT_STORED], "lost"},
        {match->counts[FINDING_ENDING], "ended otherwise"},
        {match->counts[FINDING_UNDECIDED], "undecided"},
        {match->counts[FINDING_PROCESS_COUNT], "wrong number of processes"},
    };
    const char *comma = " ";
    if (match->counts[FINDING_NO_ROWS] > 0) {
        fputs(" no row at all", terminal->out);
        comma = ", ";
    }
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].n > 0) {
            fprintf(terminal->out, "%s%" PRIu64 " %s", comma, parts[i].n, parts[i].what);
            comma = ", ";
        }
    }
    fprintf(terminal->out, "; %" PRIu64 " row%s as expected", match->n_fitting,
            plural(match->n_fitting));
}

void diff_print_verdict(const struct terminal *terminal, const struct match *match,
                        const struct expectation *expectation, const struct recording *recording,
                        const char *recording_path)
{
    bool passes = match->n == 0;
    terminal_color(terminal, passes ? HUE_GREEN : HUE_RED);
    fputs(passes ? "PASS" : "FAIL", terminal->out);
    terminal_plain(terminal);
    fprintf(terminal->out, " %s:", recording_path);
    if (passes) {
        fprintf(terminal->out, " %" PRIu64 " row%s of %zu process%s as %s says", match->n_fitting,
                plural(match->n_fitting), recording->processes.n_heads,
                recording->processes.n_heads == 1 ? "" : "es", expectation->path);
    } else {
        print_failure(terminal, match);
    }
    if (match->n_others > 0) {
        fprintf(terminal->out, ", %" PRIu64 " other%s", match->n_others, plural(match->n_others));
    }
}
