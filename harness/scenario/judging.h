/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A judgement while it is made: for judgement.c and control.c, and nobody else.
 */
#pragma once

#include "harness/scenario/judgement.h"
#include "harness/verify/match.h"
#include "harness/verify/terminal.h"

struct judging {
    const struct expectation *scenario;
    struct judgement *judgement;
    char *text; /* of `out` */
    size_t text_size;
    FILE *out; /* the details; NULL: no memory */
    struct terminal plain;
};

void judging_begin(struct judging *judging, const struct expectation *scenario,
                   struct judgement *judgement);

/* Notes one thing that is wrong: the verdict is VERDICT_FAIL from here on. */
__attribute__((format(printf, 3, 4))) void
judging_fail(struct judging *judging, struct yaml_place place, const char *format, ...);

/* Writes to the details. */
__attribute__((format(printf, 2, 3))) void judging_say(struct judging *judging, const char *format,
                                                       ...);

/* Reads a recording. Returns 1; 0: it cannot be read, and the verdict is a fault; -ENOMEM. */
__attribute__((warn_unused_result)) int judging_load(struct judging *judging, const char *path,
                                                     struct recording *recording);

/* Appends what was said to the judgement's details. Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int judging_end(struct judging *judging);
