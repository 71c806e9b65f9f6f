/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include "harness/supervise/courier_link.h"
#include "harness/supervise/run_options.h"
#include "harness/supervise/supervisor.h"

/* The verb: see struct command. */
int cmd_run(int argc, char **argv);

/* The verb with another courier than courier_run: for tests. */
int cmd_run_with(int argc, char **argv, courier_serve *serve);

/* Somebody who wants to know more of a run than its exit status. */
struct run_watch {
    void *context;
    /* The program was started, and it is over; the recording is as `result` says. */
    void (*ended)(void *context, const struct supervisor_result *result);
};

/*
 * What the verb does after its command line: for `test`, which calls it in a process of its own
 * whose streams are the program's. Prints as the verb does. Returns the exit status; where a signal
 * ended the program, 128 and its number.
 */
int cmd_run_watched(const struct run_options *options, const struct run_watch *watch);
