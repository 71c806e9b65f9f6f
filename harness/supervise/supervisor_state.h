/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * State of the supervisor, shared by its loop (supervisor.c) and its dealings with the courier
 * (storing.c), and by nobody else.
 */
#pragma once

#include "harness/supervise/descendants.h"
#include "harness/supervise/supervisor.h"
#include "harness/supervise/timers.h"

enum phase {
    RUNNING, /* the program lives */
    GRACE,   /* it has ended, its descendants have until the grace is over */
    ENDING,  /* the time-out passed: SIGTERM was sent, SIGKILL follows */
    STORING, /* nothing is waited for but the courier, and spools of which it knows */
    OVER,
};

/* Timers of the loop. */
enum deadline {
    TIME_OUT,  /* --timeout: SIGTERM to all */
    KILL,      /* after it: SIGKILL begins */
    SWEEP,     /* the next round of SIGKILL */
    GIVE_UP,   /* what lives on cannot be killed */
    GRACE_END, /* --grace */
    SPEAK,     /* tell the observer that we wait */
    SILENCE,   /* the courier, told to finish, has said nothing for too long */
};

#define SPEAK_AFTER_MS 1000 /* of waiting, before the observer is told */

struct supervisor {
    const struct supervisor_options *options;
    struct supervisor_result *result;
    struct courier_link *link;
    enum phase phase;
    struct timers timers; /* one for each enum deadline */
    pid_t root;
    bool root_ended;
    int64_t storing_since_ms;
    int courier_status; /* wait status of the last courier that ended */
    struct descendants descendants;
};
