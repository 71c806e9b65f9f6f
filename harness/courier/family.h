/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A family of processes as the courier serves it: its spool, its definitions, its members.
 */
#pragma once

#include "harness/courier/recorder.h"
#include "harness/courier/spool_reader.h"

/* What all families of a session share. */
struct family_context {
    struct recorder *recorder;
    int session;      /* directory */
    uid_t owner;      /* of the session and its files */
    int epoll;        /* gets the descriptors of processes; data.ptr = struct member */
    uint32_t my_pid;  /* to be shown to writers */
    uint64_t commits; /* how many there were, and 1 */
    struct buffer side_bytes;
};

/* A process of a family, while it may write. */
struct member {
    int descriptor; /* pidfd; -1: cannot be watched, or it is over */
    struct family *family;
    struct writer *writer;
    struct process *process;
    bool is_over;        /* it does not live any more */
    uint64_t over_ns;    /* CLOCK_REALTIME, when that was noticed */
    uint64_t left_after; /* the commit after which it left; UINT64_MAX: it has not */
    struct member *next;
};

struct family {
    struct family_context *context;
    struct spool_map map;
    struct spool_reader *reader;
    struct component_table components;
    struct member *members;
    bool is_unused;        /* no process maps the spool */
    bool is_damaged;       /* nothing more can be read from it */
    bool was_read;         /* once more, since it was unused */
    uint64_t rows_refused; /* as logged */
    uint32_t n_regions_ready; /* of memory_ahead */
    char **side_files;     /* to be removed with the next commit */
    size_t n_side_files, side_files_capacity;
};

/*
 * Opens the spool `name` of the session. Returns 0; or as spool_map_open, -ENOMEM. `context` must
 * outlive the family.
 */
__attribute__((warn_unused_result)) int family_open(struct family_context *context,
                                                    const char *name, struct family **ret_family,
                                                    struct rrd_error *error);

/* Frees everything. The spool stays; its writers are told that no courier serves it any more. */
void family_close(struct family *family);

/* Looks whether processes still map the spool, and sets is_unused. Cheap: one system call. */
void family_check_use(struct family *family);

/*
 * Reads what is there into the recorder. Returns the number of records; -EAGAIN: commit, then call
 * again; or a negative errno that ends the courier (-ENOMEM ...). Damage does not: see is_damaged.
 */
__attribute__((warn_unused_result)) int family_pass(struct family *family, uint64_t now_ns,
                                                    size_t max_dirty);

/* What was read is committed, or nothing waits for it. Returns 0 or as recorder_event. */
__attribute__((warn_unused_result)) int family_committed(struct family *family);

/* Logs how many rows found no room. Returns 0 or as recorder_event. */
__attribute__((warn_unused_result)) int family_log_refused(struct family *family);

/* Is everything of it stored, and no process left? Then its spool can be removed. */
bool family_is_finished(const struct family *family);

/* A member's descriptor has become readable. */
void member_check(struct member *member);
