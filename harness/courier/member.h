/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A process of a family as the courier serves it: whether it still lives, and what was logged of
 * it.
 */
#pragma once

#include "harness/courier/process_table.h"
#include "harness/courier/writer_list.h"

struct served_family;

/* While it may write, and until its slot is given back. */
struct member {
    struct served_family *family;
    struct writer *writer;
    struct process *process;
    int descriptor;   /* pidfd, in the courier's epoll set; -1: cannot be watched, or it is over */
    bool is_over;     /* it does not live any more */
    uint64_t over_ns; /* CLOCK_REALTIME, when that was noticed; 0: before this courier's time */
    uint64_t left_after; /* the commit after which it left; UINT64_MAX: it has not */
    struct member *next; /* of the family */
};

/* Finds or makes the member for a writer, in its family's list. NULL: out of memory. */
struct member *member_of(struct served_family *family, struct writer *writer);
void member_destroy(struct member *member);

/* Logs that it was found, unless that was logged, and watches its process from here on if that can
 * be done. Returns 0 or as recorder_event. */
__attribute__((warn_unused_result)) int member_welcome(struct member *member);

/* The descriptor has become readable. */
void member_check(struct member *member);

/* Notes that it does not live any more. */
void member_is_over(struct member *member);

/* Logs that it is gone, unless that was logged. Returns 0 or as recorder_event. */
__attribute__((warn_unused_result)) int member_log_gone(const struct member *member);
