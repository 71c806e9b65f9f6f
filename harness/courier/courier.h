/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The courier: one process that turns the spools of a session into its recording.
 *
 * `run` forks it (own session by setsid, so that neither Ctrl-Z nor the death of the supervisor
 * stops it) and talks to it over a SOCK_SEQPACKET pair, one struct courier_message a packet.
 * `deliver` calls courier_run in its own process without a supervisor.
 *
 * The pair holds about ten packets (net.unix.max_dgram_qlen). The supervisor never blocks on it and
 * may be stopped by Ctrl-Z: the courier must not wait for room while programs run, and drops
 * PROGRESS rather than wait. After a courier died, the next one is told again what was told to the
 * last: every COURIER_PROCESS_ENDED, ROOT_STARTED and FINISH can arrive twice. End of file means
 * that the supervisor is gone: as COURIER_FINISH_WHEN_FREE.
 */
#pragma once

#include "sdk/record/record.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct courier_options {
    const char *session; /* absolute path of the session directory */
    const char *output;  /* absolute path of the final recording (-o); NULL: where the session's
                            rows were going already */
    const char *recording_id;   /* of the session: for processes' rows when no program made a
                                   recording; may be NULL */
    const char *application_id; /* likewise; may be NULL */
    int control_fd; /* connected to the supervisor, or -1: finish when no process maps a spool any
                       more */
    /* Why the shim will not be in the program that the supervisor starts, and its path; NOT and
     * NULL: it will, as far as is known. */
    enum uncovered_reason root_uncovered;
    const char *root_path;
    bool record_args;  /* false: --no-args */
    bool only_deliver; /* no program will be started any more: finish as soon as no process maps a
                          spool; a session that holds nothing is an error, and so is a full disk */
};

enum courier_message_kind {
    /* supervisor -> courier */
    COURIER_PROCESS_ENDED =
        1, /* a child or orphan was reaped: pid, wait_status, time_ns, text = command or "" */
    COURIER_ROOT_STARTED = 2, /* pid of the program that run started */
    COURIER_FINISH =
        3, /* nothing more will come, or the grace is over: store what is there, finish */
    COURIER_FINISH_WHEN_FREE = 4, /* finish by yourself once no process maps a spool any more, as
                                     when the supervisor is gone; FINISH may still follow */
    /* courier -> supervisor */
    COURIER_READY = 16,  /* watching the session: the program may start */
    COURIER_FAILED = 17, /* text says why; the session is kept. Sent by who called courier_run */
    COURIER_SURVIVOR =
        18,            /* one for each process that still lives at FINISH: pid, text = executable */
    COURIER_DONE = 19, /* the recording is whole and in its place: counts; text: the first thing
                          that was found damaged, or "" */
    COURIER_PROGRESS = 20, /* now and then while finishing takes long: rows_stored, bytes */
    COURIER_BAD_END = 21,  /* before DONE, one for each process that died of a signal or abort, or
                              whose end nobody saw: pid, wait_status (-1: nobody saw), text =
                              executable; 64 at most */
    COURIER_NOTE = 22,     /* before DONE, one for each thing that the report tells: note_kind, pid,
                              text = "executable: reason", provider or URL; 64 of a kind at most */
};

struct courier_message {
    uint32_t kind; /* enum courier_message_kind */
    int32_t pid;
    int32_t wait_status;
    uint32_t
        n_processes;   /* processes that wrote a spool, exec'd images of one process counted once */
    uint32_t n_unseen; /* programs that the shim did not enter */
    uint32_t note_kind;     /* enum note_kind */
    uint32_t n_not_covered; /* n_unseen, and the notes that something could not be made safe */
    uint32_t n_timed_out;   /* providers that did not finish in time */
    uint32_t n_viewers;     /* viewers that got nothing */
    uint64_t time_ns;       /* CLOCK_REALTIME */
    uint64_t rows_logged;   /* log calls that returned success */
    uint64_t rows_stored;   /* rows in the recording */
    uint64_t rows_refused;  /* log calls that returned an error because there was no room */
    uint64_t rows_damaged;  /* committed records that could not be read */
    uint64_t bytes;         /* size of the recording */
    char text[512];         /* NUL-terminated */
};

/*
 * Serves the session until it is finished: reads spools, writes the outbox `OUTPUT.part` beside the
 * output, and at the end adds the processes' rows and the footer, renames it to `output`, writes
 * the files that programs named, and removes the spools (not the session directory).
 *
 * May be killed at any moment and called again, by run or deliver: every committed row is in the
 * recording exactly once, because the journal in the session directory says up to where the outbox
 * holds.
 *
 * A full disk is waited out while the supervisor lives and has not said FINISH; the rows wait in
 * the spools. Processes that still live at the end keep their spools, and the journal stays, so
 * that a later call writes the same recording on.
 *
 * ret_report (may be NULL) gets the counts of COURIER_DONE, which was sent too, before the last
 * traces were removed. Single-threaded; call it once per process. Errors: -EBUSY another courier
 * serves this session; -ENOENT no such session; -EPERM, -ELOOP, -ENOTDIR not one of this user's;
 * -ENODATA it holds nothing, and no supervisor promises anything; -EINVAL output is NULL and the
 * session has none; -EEXIST `OUTPUT.part` belongs to another session, or what stands at `output` is
 * not this session's any more; -EPROTONOSUPPORT, -EBADMSG its journal is of another version, or
 * damaged; -ENOSPC, -EIO ... from the file system: the session and the outbox stay as they are, and
 * error_text says which file and the remedy.
 */
__attribute__((warn_unused_result)) int courier_run(const struct courier_options *options,
                                                    struct courier_message *ret_report,
                                                    char *error_text, size_t error_size);
