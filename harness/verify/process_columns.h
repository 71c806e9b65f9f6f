/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a list of processes can say of each image.
 */
#pragma once

#include "harness/verify/recording.h"
#include "harness/verify/terminal.h"

enum process_column {
    PROCESS_COLUMN_ROLE,    /* "child 2", with its command where it has one of its own */
    PROCESS_COLUMN_COMMAND, /* what it is, in any case */
    PROCESS_COLUMN_PID,     /* "pid 12", or nothing */
    PROCESS_COLUMN_PID_NUMBER,
    PROCESS_COLUMN_PARENT, /* pid of its parent */
    PROCESS_COLUMN_MADE_BY,
    PROCESS_COLUMN_ENDING,
    PROCESS_COLUMN_ROWS, /* in the recording that was read, and what it lost */
    PROCESS_COLUMN_LOGGED,
    PROCESS_COLUMN_STORED,
    PROCESS_COLUMN_LOST,
    PROCESS_COLUMN_PROVIDERS, /* what was made safe in it */
};

/* Writes one of them, of one image, on one line. */
void process_column_write(const struct terminal *terminal, const struct recording *recording,
                          size_t index, enum process_column column);

/* The title of a column, in ASCII. */
const char *process_column_title(enum process_column column);

/* Whether its values are to stand at its right. */
bool process_column_is_number(enum process_column column);
