/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How processes stand in a recording: the entity paths, metadata and component names that the
 * courier writes and that verify and other readers look for. docs/architecture.md has the table for
 * users.
 *
 * A process is named by its family (16 lower-case hex digits) and its serial in it:
 * "00ab34...cd.3". Pids repeat, this name does not. Every chunk of rows carries it as schema
 * metadata PROCESS_METADATA_KEY.
 *
 * Each process has an entity PROCESS_ENTITY_PREFIX + name with a row when it began and a row when
 * it ended, both on log_time, in the recording of the root process. An exec'd image is a process of
 * its own here, linked by `lastword:image_of`. All components are free of archetype and component
 * type; one value each but `args` and the lists of notes.
 *
 * Programs that the shim could not enter have no such entity, as nothing is known of their lives.
 * They are rows of the one entity UNCOVERED_ENTITY.
 */
#pragma once

#define PROCESS_METADATA_KEY  "lastword:process"
#define PROCESS_ENTITY_PREFIX "/lastword/processes/"

/* Row of the beginning. Its log_time orders siblings by birth (struct record_process_start). */
#define PROCESS_PID        "lastword:pid"        /* Int64 */
#define PROCESS_PARENT_PID "lastword:parent_pid" /* Int64 */
#define PROCESS_PARENT     "lastword:parent"     /* Utf8: name of the parent process, "" unknown */
#define PROCESS_IMAGE_OF                                                                           \
    "lastword:image_of" /* Utf8: name of the process that exec'd this image, "" none */
#define PROCESS_MADE_BY                                                                            \
    "lastword:made_by" /* Utf8: run, exec, fork, _Fork, daemon, spawn, unknown */
#define PROCESS_EXECUTABLE "lastword:executable" /* Utf8 */
#define PROCESS_ARGS       "lastword:args" /* Utf8, one value per argument; left out by --no-args */

/* Row of the end. */
#define PROCESS_ENDED_BY                                                                           \
    "lastword:ended_by" /* Utf8: return, exit, _exit, _Exit, quick_exit, abort, exec, daemon,      \
                           signal, unknown, running (outlived the run) */
#define PROCESS_STATUS                                                                             \
    "lastword:status" /* Int64: exit status; signal number for signal; -1 unknown */
#define PROCESS_SEEN_BY                                                                            \
    "lastword:seen_by" /* Utf8: who knew: process, parent, supervisor, nobody                      \
                        */
#define PROCESS_TARGET      "lastword:target"      /* Utf8: path given to exec, "" otherwise */
#define PROCESS_ROWS_LOGGED "lastword:rows_logged" /* Int64: log calls that returned success */
#define PROCESS_ROWS_STORED                                                                        \
    "lastword:rows_stored"                /* Int64: rows of it in this session's recording */
#define PROCESS_PC          "lastword:pc" /* UInt64 return address of the ending call, 0 unknown */
#define PROCESS_STACK       "lastword:stack" /* Binary: raw stack at the ending call, may be empty */
/* Notes (struct record_note), PROCESS_MAX_NOTES of each at most; left out where there are none. */
#define PROCESS_PROVIDERS   "lastword:providers"   /* Utf8 list: what is made safe in it */
#define PROCESS_NOT_COVERED "lastword:not_covered" /* Utf8 list: what cannot be, and why */
#define PROCESS_TIMED_OUT   "lastword:timed_out"   /* Utf8 list: providers that did not finish */
#define PROCESS_VIEWERS     "lastword:viewers"     /* Utf8 list: URLs that got nothing */
#define PROCESS_MAX_NOTES   16

/*
 * A row for each program that the shim could not enter, on log_time (of its exec where that was
 * seen, else of its end): PROCESS_PID; PROCESS_PARENT and PROCESS_IMAGE_OF where they are known;
 * PROCESS_MADE_BY (run, exec, spawn, unknown); PROCESS_EXECUTABLE (path, or at least a name);
 * PROCESS_NOT_COVERED (one value: why); PROCESS_ENDED_BY (exit, signal, unknown), PROCESS_STATUS,
 * PROCESS_SEEN_BY. Beyond UNCOVERED_MAX_ROWS one last row counts the others in UNCOVERED_MORE.
 */
#define UNCOVERED_ENTITY   "/lastword/not_covered"
#define UNCOVERED_MORE     "lastword:more" /* Int64 */
#define UNCOVERED_MAX_ROWS 1000
