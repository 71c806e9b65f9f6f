/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Builds judgements: collects problems, the first reason and the lines of the details. Judges
 * nothing by itself.
 */
#include "harness/scenario/judging.h"

#include "harness/cleanup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

void judging_begin(struct judging *judging, const struct expectation *scenario,
                   struct judgement *judgement)
{
    *judging = (struct judging){.scenario = scenario, .judgement = judgement};
    judging->out = open_memstream(&judging->text, &judging->text_size);
    judging->plain = (struct terminal){.out = judging->out, .has_unicode = true, .width = 100};
}

/* The first reason counts: what comes after may be its consequence. */
__attribute__((format(printf, 2, 0))) static void note_reason(struct judgement *judgement,
                                                              const char *format, va_list arguments)
{
    if (judgement->reason == NULL && vasprintf(&judgement->reason, format, arguments) < 0) {
        judgement->reason = NULL;
    }
}

__attribute__((format(printf, 3, 0))) static void add_problem(struct judgement *judgement,
                                                              struct yaml_place place,
                                                              const char *format, va_list arguments)
{
    struct case_problem *problem;

    if (judgement->n_problems == JUDGEMENT_MAX_PROBLEMS) {
        return;
    }
    if (judgement->problems == NULL) {
        judgement->problems = calloc(JUDGEMENT_MAX_PROBLEMS, sizeof *judgement->problems);
    }
    if (judgement->problems == NULL) {
        return;
    }
    problem = &judgement->problems[judgement->n_problems];
    problem->line = place.line;
    problem->column = place.column;
    if (vasprintf(&problem->text, format, arguments) >= 0) {
        judgement->n_problems++;
    }
}

void judging_fail(struct judging *judging, struct yaml_place place, const char *format, ...)
{
    va_list arguments, again;

    va_start(arguments, format);
    va_copy(again, arguments);
    add_problem(judging->judgement, place, format, arguments);
    note_reason(judging->judgement, format, again);
    va_end(again);
    va_end(arguments);
    if (judging->judgement->verdict != VERDICT_FAULT) {
        judging->judgement->verdict = VERDICT_FAIL;
    }
}

void judging_say(struct judging *judging, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vfprintf(judging->out, format, arguments);
    va_end(arguments);
}

/* Returns 0 or -ENOMEM. */
static int append_details(struct judgement *judgement, const char *text)
{
    char *both = NULL;

    if (asprintf(&both, "%s%s", judgement->details != NULL ? judgement->details : "", text) < 0) {
        return -ENOMEM;
    }
    free(judgement->details);
    judgement->details = both;
    return 0;
}

int judging_end(struct judging *judging)
{
    CLEANUP(free_pointer) char *text = NULL;
    int failed = fclose(judging->out);

    text = judging->text;
    return failed ? -ENOMEM : append_details(judging->judgement, text);
}

void judgement_note(struct judgement *judgement, const char *format, ...)
{
    CLEANUP(free_pointer) char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) {
        text = NULL;
    } else {
        (void)!append_details(judgement, text);
    }
    va_end(arguments);
}

void judgement_fault(struct judgement *judgement, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    free(judgement->reason);
    judgement->reason = NULL;
    note_reason(judgement, format, arguments);
    va_end(arguments);
    judgement->verdict = VERDICT_FAULT;
}

void judgement_done(struct judgement *judgement)
{
    if (judgement == NULL) {
        return;
    }
    for (size_t i = 0; i < judgement->n_problems; i++) {
        free(judgement->problems[i].text);
    }
    free(judgement->problems);
    free(judgement->reason);
    free(judgement->details);
    *judgement = (struct judgement){0};
}
