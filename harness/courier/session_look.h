/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a session holds, without changing it.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session_state {
    bool is_served;        /* by a courier; what is in the spools was not looked at then */
    bool has_journal;      /* a courier has begun, and has not finished */
    bool is_cleaning;      /* it had delivered everything */
    size_t n_spools;       /* that can be read */
    size_t n_unreadable;   /* files that should be spools: damaged, or of another version */
    size_t n_running;      /* spools that processes map */
    uint64_t rows_waiting; /* committed, and not in the recording */
    uint64_t bytes;        /* of memory or disk that the session takes */
    uint64_t changed_s;    /* when a file came or went: seconds since 1970 */
    char output[PATH_MAX]; /* of the journal; "" none */
};

/*
 * Looks at the session at `path` (absolute). Returns 0, or as session_open; -ENOMEM. Not while
 * courier_run is under way in this process.
 */
__attribute__((warn_unused_result)) int session_look(const char *path,
                                                     struct session_state *ret_state);

/* Tells whether there is nothing in it that anybody could miss, nor anybody who uses it. */
bool session_is_spent(const struct session_state *state);
