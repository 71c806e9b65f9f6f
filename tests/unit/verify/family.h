/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A recording for tests: a root and three children, each with a text on /log and a box on /task_i,
 * as scenarios/multiprocess.c makes it, and what may be wrong with it.
 */
#pragma once

#include "tests/support/recording_maker.h"

#include <stdbool.h>

struct family {
    int n_children;      /* at most 3 */
    bool is_exec;        /* child 3 becomes another program, which ends by exit 0 */
    bool has_grandchild; /* of child 1, with a text */
    int skip_text_of;    /* child without its text; 0: none */
    int skip_box_of;     /* child without its box */
    int swap_of;         /* child whose box comes before its text */
    int other_text_of;   /* child whose text gives another pid */
    int other_box_of;    /* child whose box is wider by 1 and called "other" */
    int extra_of;        /* child with a text more */
    int killed;          /* child that SIGKILL ended, as its parent saw */
    int lossy;           /* child that logged 5 rows of which 2 are there */
    bool has_no_rows;
    bool has_no_processes; /* rows name theirs, but nothing is told of them */
    bool has_stray;        /* a row of a process that nobody knows */
};

/* The recording in which all is well. */
#define FAMILY_RIGHT ((struct family){.n_children = 3})

#define FAMILY_ID "rec-7"

/* Name of child i (0: the root): "00000000000000aa.1". */
const char *family_name(int i);

void family_make(struct recording_maker *maker, const struct family *family);

/* What must be in it: the twin of scenarios/multiprocess.yaml. */
extern const char family_yaml[];
