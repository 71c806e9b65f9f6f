/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The supervisor: from the start of a program until its recording is whole. It is a guest: program
 * and caller must not notice that it stands between them.
 */
#pragma once

#include "harness/supervise/courier_link.h"
#include "harness/supervise/report.h"
#include "harness/supervise/signals.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Told while something takes long; each may be NULL. Called from supervisor_run. */
struct supervisor_observer {
    void *context;
    /* The program has ended; n_processes of its family still run, and get grace_ms from now. */
    void (*waiting)(void *context, size_t n_processes, int64_t grace_ms);
    /* All have ended; the courier stores what is left. */
    void (*storing)(void *context, uint64_t size_bytes); /* of the recording so far */
};

struct supervisor_options {
    char *const *argv;         /* the program and its arguments; NULL-terminated */
    char *const *environment;  /* likewise */
    const char *session;       /* absolute path of the session directory */
    int64_t timeout_ms;        /* for the program to end; 0: no limit */
    int64_t grace_ms;          /* for its descendants after it; 0: none */
    bool subreaper;            /* adopt orphans; false: --no-subreaper */
    bool kills_survivors;      /* what still runs after the grace is ended, by SIGKILL */
    bool mirrors_stops;        /* stops when the program does, for a shell; false: watches the time,
                                  for a caller to whom nobody can say that it is to go on */
    struct signals *signals;   /* initialised */
    struct courier_link *link; /* a courier serves and is ready */
    struct supervisor_observer observer;
};

struct supervisor_result {
    int wait_status; /* of the program */
    bool timed_out;  /* the time-out passed: the program's tree was ended */
    bool stored;     /* the recording is whole: `counts` is valid */
    bool left;       /* somebody did not want to wait: the courier goes on alone */
    struct courier_message counts;
    char error_text[512];         /* when neither stored nor left: why */
    size_t n_ended;               /* processes that the time-out ended */
    unsigned n_courier_deaths;    /* couriers that died and were followed by another */
    struct report_list ends;      /* processes that did not end by themselves */
    struct report_list survivors; /* processes that still ran after the grace */
    bool survivors_killed;        /* and were ended then */
    struct report_notes notes;    /* what else is to be told of processes */
    struct report_list busy;      /* when the time-out passed, and what they were doing */
};

/*
 * Starts the program, forwards signals and mirrors stops, reaps, keeps a courier alive, and returns
 * when the recording is whole or cannot become so. Works on the process's only thread; changes
 * signal dispositions and the subreaper attribute of the process for good.
 *
 * ret_result is zeroed first. Errors: those of program_spawn, and the program has not run;
 * -EINTR a signal that ends processes came before the program was started: wait_status tells which.
 */
__attribute__((warn_unused_result)) int supervisor_run(const struct supervisor_options *options,
                                                       struct supervisor_result *ret_result);
