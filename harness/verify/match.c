/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The verdict on a whole recording: which processes there must be, how they must have ended, and,
 * through match_rows.c, what each must have logged. Prints nothing.
 */
#include "harness/verify/match.h"

#include "harness/verify/match_rows.h"
#include "harness/verify/process_programs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define N_ROWS_TO_SHOW 1000 /* extra rows that are kept so that they can be shown */

/* SIZE_MAX: all, as there is no upper bound. */
static size_t count_rows_kept(const struct expectation *expectation)
{
    size_t n = N_ROWS_TO_SHOW;
    if (expectation->n_forbidden > 0 || expectation->allows_others) {
        return SIZE_MAX;
    }
    for (size_t i = 0; i < expectation->n_rows; i++) {
        uint64_t max = expectation->rows[i].max_count;
        if (max == COUNT_UNLIMITED) {
            return SIZE_MAX;
        }
        n += max;
    }
    return n;
}

/* "/__properties/x" for an entry of "/__properties/{name}", but not for one of "/{name}". */
static bool names_entity(const struct expected_row *rows, size_t n_rows, struct string_view entity)
{
    for (size_t i = 0; i < n_rows; i++) {
        const struct pattern *pattern = &rows[i].entity;
        struct string_view first = pattern->n_parts > 0 && pattern->parts[0].placeholder < 0
                                       ? pattern->parts[0].literal
                                       : (struct string_view){"", 0};
        bool is_named =
            (first.size >= strlen(RECORDING_OWN_PREFIX) &&
             memcmp(first.data, RECORDING_OWN_PREFIX, strlen(RECORDING_OWN_PREFIX)) == 0) ||
            (first.size >= strlen(RECORDING_PROPERTIES_PREFIX) &&
             memcmp(first.data, RECORDING_PROPERTIES_PREFIX, strlen(RECORDING_PROPERTIES_PREFIX)) ==
                 0);
        struct bindings bindings = {0};
        if (is_named && pattern_match(&(struct pattern_subject){pattern, entity}, 1, &bindings)) {
            return true;
        }
    }
    return false;
}

bool match_wants_expected(const struct expectation *expectation, struct string_view entity)
{
    return names_entity(expectation->rows, expectation->n_rows, entity);
}

static bool wants(const void *context, struct string_view entity)
{
    const struct expectation *expectation = context;
    return match_wants_expected(expectation, entity) ||
           names_entity(expectation->forbidden, expectation->n_forbidden, entity);
}

struct recording_options match_recording_options(const struct expectation *expectation)
{
    return (struct recording_options){
        .n_rows_kept = count_rows_kept(expectation),
        .wants = wants,
        .context = expectation,
    };
}

int match_add(struct match *match, const struct finding *finding)
{
    if (match->n == match->capacity) {
        size_t capacity = match->capacity > 0 ? 2 * match->capacity : 16;
        void *findings = reallocarray(match->findings, capacity, sizeof *match->findings);
        if (findings == NULL) {
            return -ENOMEM;
        }
        match->findings = findings;
        match->capacity = capacity;
    }
    match->findings[match->n++] = *finding;
    match->counts[finding->kind] += finding->kind == FINDING_PROCESS_COUNT ? 1 : finding->n;
    return 0;
}

/* --- Which processes there must be ------------------------------------------------------------ */

static unsigned count_processes(const struct recorded_processes *table,
                                const struct process_selector *selector)
{
    unsigned n = 0;
    for (size_t i = 0; i < table->n_heads; i++) {
        n += process_is_meant(table, table->by_birth[i], selector);
    }
    return n;
}

/* Says once what the other entries with the same selector would say again. */
static bool is_counted_before(const struct expectation *expectation, size_t n_rows,
                              size_t n_endings, const struct process_selector *selector)
{
    for (size_t i = 0; i < n_rows + n_endings; i++) {
        const struct process_selector *other = i < n_rows
                                                   ? &expectation->rows[i].selector
                                                   : &expectation->endings[i - n_rows].selector;
        if (process_selector_same_group(other, selector) &&
            other->n_processes == selector->n_processes) {
            return true;
        }
    }
    return false;
}

/* `finding` holds the entry that has the selector; the entries before are the first n_rows and
 * n_endings. */
static int check_selector(struct match *match, const struct expectation *expectation,
                          const struct recorded_processes *table,
                          const struct process_selector *selector, size_t n_rows, size_t n_endings,
                          struct finding *finding)
{
    unsigned n = count_processes(table, selector);
    finding->process = NO_PROCESS;
    if (selector->n_processes > 0 && n != selector->n_processes) {
        if (is_counted_before(expectation, n_rows, n_endings, selector)) {
            return 0;
        }
        finding->kind = FINDING_PROCESS_COUNT;
        finding->n = n;
        return match_add(match, finding);
    }
    finding->kind = FINDING_NO_PROCESS;
    finding->n = finding->expected != NULL ? finding->expected->min_count : 1;
    /* Rows that need not be there need no process. */
    return n == 0 && finding->n > 0 ? match_add(match, finding) : 0;
}

static int check_processes(struct match *match, const struct expectation *expectation,
                           const struct recorded_processes *table)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < expectation->n_rows; i++) {
        struct finding finding = {.expected = &expectation->rows[i]};
        error =
            check_selector(match, expectation, table, &finding.expected->selector, i, 0, &finding);
    }
    for (size_t i = 0; error == 0 && i < expectation->n_endings; i++) {
        struct finding finding = {.ending = &expectation->endings[i]};
        error = check_selector(match, expectation, table, &finding.ending->selector,
                               expectation->n_rows, i, &finding);
    }
    return error;
}

/* --- Each process ----------------------------------------------------------------------------- */

static bool has_become_another(const struct recorded_processes *table, size_t head)
{
    for (size_t i = head; i != NO_PROCESS; i = table->processes[i].next_image) {
        const char *by = table->processes[i].ended_by;
        if (by != NULL && strcmp(by, "exec") == 0) {
            return true;
        }
    }
    return false;
}

static bool has_ended_so(const struct recorded_processes *table, size_t head,
                         const struct ending *ending)
{
    if (strcmp(ending->by, "exec") == 0) {
        return has_become_another(table, head);
    }
    const struct recorded_process *last = recorded_processes_last_image(table, head);
    return last->has_ended && ending_matches(ending, last->ended_by, last->status);
}

static int check_endings(struct match *match, const struct expectation *expectation,
                         const struct recorded_processes *table, size_t head)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < expectation->n_endings; i++) {
        const struct expected_ending *ending = &expectation->endings[i];
        if (process_is_meant(table, head, &ending->selector) &&
            !has_ended_so(table, head, &ending->ending)) {
            error = match_add(
                match, &(struct finding){
                           .kind = FINDING_ENDING, .process = head, .ending = ending, .n = 1});
        }
    }
    return error;
}

/* Rows that were accepted and are not there are lost, expected or not. */
static int check_stored(struct match *match, const struct recorded_processes *table, size_t head)
{
    uint64_t n_lost = 0;
    for (size_t i = head; i != NO_PROCESS; i = table->processes[i].next_image) {
        const struct recorded_process *image = &table->processes[i];
        if (image->rows_stored >= 0 && image->rows_logged > image->rows_stored) {
            n_lost += (uint64_t)(image->rows_logged - image->rows_stored);
        }
    }
    return n_lost == 0
               ? 0
               : match_add(match, &(struct finding){
                                      .kind = FINDING_NOT_STORED, .process = head, .n = n_lost});
}

static int check_process(struct match *match, struct row_comparison *comparison,
                         const struct recording *recording, size_t head)
{
    int error = match_rows_run(match, comparison, recording, head);
    if (error == 0) {
        error = check_stored(match, &recording->processes, head);
    }
    if (error == 0) {
        error = check_endings(match, comparison->expectation, &recording->processes, head);
    }
    return error;
}

static int check_all(struct match *match, struct row_comparison *comparison,
                     const struct recording *recording)
{
    int error = 0;
    if (recording->n_rows == 0) {
        error = match_add(
            match, &(struct finding){.kind = FINDING_NO_ROWS, .process = NO_PROCESS, .n = 1});
    }
    if (error == 0) {
        error = check_processes(match, comparison->expectation, &recording->processes);
    }
    for (size_t i = 0; error == 0 && i < recording->processes.n_heads; i++) {
        error = check_process(match, comparison, recording, recording->processes.by_birth[i]);
    }
    return error;
}

int match_run(struct match *match, const struct expectation *expectation,
              const struct recording *recording)
{
    struct row_comparison comparison;
    *match = (struct match){0};
    int error = row_comparison_init(&comparison, expectation);
    if (error < 0) {
        return error;
    }
    error = check_all(match, &comparison, recording);
    row_comparison_done(&comparison);
    if (error < 0) {
        match_done(match);
    }
    return error;
}

void match_done(struct match *match)
{
    if (match != NULL) {
        free(match->findings);
        *match = (struct match){0};
    }
}
