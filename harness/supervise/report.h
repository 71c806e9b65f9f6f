/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What `run` says at its end: processes worth naming, and the last line.
 */
#pragma once

#include "harness/courier/courier.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#define REPORT_MAX_PROCESSES 64 /* kept of each list */
#define REPORT_MAX_LINES     10 /* printed of each list */

struct report_process {
    pid_t pid;       /* 0: not known, and `name` says what is known */
    int wait_status; /* -1: nobody saw it */
    char name[64];   /* of the executable, without its folder; printable; "" unknown */
    char doing[128]; /* see activity.h; "" not asked */
};

/* In the caller's memory; begin with zeros. */
struct report_list {
    size_t n_processes; /* ever added; the first REPORT_MAX_PROCESSES are kept */
    struct report_process processes[REPORT_MAX_PROCESSES];
};

/*
 * Adds a process unless one with its pid stands there. `executable`: a path or a name, any bytes.
 * Returns it, for what else is known of it; NULL: it was there, or the list is full.
 */
struct report_process *report_add(struct report_list *list, pid_t pid, int wait_status,
                                  const char *executable);

/* Says whether a process with that pid was added and kept. */
bool report_has(const struct report_list *list, pid_t pid);

/* One line for each process that did not end by itself. */
void report_print_ends(FILE *out, const struct report_list *ends);

/* One line for each process that still runs, or did until it was killed. */
void report_print_survivors(FILE *out, const struct report_list *survivors, bool were_killed);

/* One line for each process and what it was doing. */
void report_print_busy(FILE *out, const struct report_list *busy);

/* "4 processes, 8 rows logged, 6 stored, 2 LOST -> m.rrd", with a line feed. */
void report_print_counts(FILE *out, const struct courier_message *counts, const char *output);

#define REPORT_MAX_NOTES 5 /* printed of each kind */

/* What the courier tells of processes (COURIER_NOTE). Begin with zeros. */
struct report_note {
    uint32_t kind; /* enum note_kind */
    pid_t pid;
    char text[160]; /* printable */
};
struct report_notes {
    size_t n;
    struct report_note all[3 * REPORT_MAX_NOTES];
};

/* Keeps a note, unless there are enough of its kind. */
void report_note(struct report_notes *notes, uint32_t kind, pid_t pid, const char *text);

/*
 * A line of each kind that there is, with its count, the notes that are kept, and how to see all:
 * "1 process was not covered: 4711 busybox: static".
 */
void report_print_notes(FILE *out, const struct report_notes *notes,
                        const struct courier_message *counts, const char *output);

/* Says whether rows were lost, refused or unreadable: then `run` speaks even if it is to be quiet.
 */
bool report_has_losses(const struct courier_message *counts);

/* Writes how a process ended to `buffer`: "ended by exit 3", "died of SIGSEGV"; returns it. */
const char *report_describe_end(int wait_status, char *buffer, size_t size);
