/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A family of processes as the courier serves it: its spool, its definitions, its members.
 */
#pragma once

#include "harness/courier/blueprint_turns.h"
#include "harness/courier/member.h"
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
    uint64_t rounds;  /* how many there were, with this one */
    void (*finish_stream)(void *courier, const struct stream *stream);
    void *courier;
    struct blueprint_turns turns;
    bool skips_sinks; /* the end is near, and writes them all */
};

struct served_family {
    struct family_context *context;
    struct spool_map map;
    struct spool_reader *reader;
    struct component_table components;
    struct member *members;
    bool is_unused;           /* no process maps the spool */
    bool is_damaged;          /* nothing more can be read from it */
    bool was_read;            /* once more, since it was unused */
    uint64_t rows_refused;    /* as logged */
    uint32_t n_regions_ready; /* of memory_ahead */
    bool has_our_pids;        /* its processes are in our pid namespace */
    char **side_files;        /* to be removed with the next commit */
    size_t n_side_files, side_files_capacity;
};

/*
 * Opens the spool `name` of the session. Returns 0; or as spool_map_open, -ENOMEM. `context` must
 * outlive the family.
 */
__attribute__((warn_unused_result)) int served_family_open(struct family_context *context,
                                                           const char *name,
                                                           struct served_family **ret_family,
                                                           struct rrd_error *error);

/* Frees everything. The spool stays; its writers are told that no courier serves it any more. */
void served_family_close(struct served_family *family);

/* Looks whether processes still map the spool, and sets is_unused. Cheap: one system call. */
void served_family_check_use(struct served_family *family);

/* Looks which of the watched processes are over. One system call for each. */
void served_family_check_members(struct served_family *family);

/*
 * Reads what is there into the recorder. Returns the number of records; -EAGAIN: commit, then call
 * again; or a negative errno that ends the courier (-ENOMEM ...). Damage does not: see is_damaged.
 */
__attribute__((warn_unused_result)) int served_family_pass(struct served_family *family,
                                                           uint64_t now_ns, size_t max_dirty);

/* What was read is committed, or nothing waits for it. Returns 0 or as recorder_event. */
__attribute__((warn_unused_result)) int served_family_committed(struct served_family *family);

/* Logs how many rows found no room. Returns 0 or as recorder_event. */
__attribute__((warn_unused_result)) int served_family_log_refused(struct served_family *family);

/* Is everything of it stored, and no process left? Then its spool can be removed. */
bool served_family_is_finished(const struct served_family *family);
