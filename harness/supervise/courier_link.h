/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The supervisor's end of the connection to the courier: starts it, starts another one when it
 * dies, and tells each what the ones before it were told.
 */
#pragma once

#include "harness/courier/courier.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* courier_run, or what a test puts in its place. */
typedef int courier_serve(const struct courier_options *options, struct courier_message *ret_report,
                          char *error_text, size_t error_size);

/* Something the courier was told, kept so that the next courier can be told as well. */
struct courier_word {
    uint32_t kind;
    int32_t pid;
    int32_t wait_status;
    char command[16]; /* of the process, "" not known */
    uint64_t time_ns;
};

#define COURIER_COMMAND    "lw-courier" /* as `ps` shows it in COMM */
#define COURIER_MAX_STARTS 4            /* the first, and three more */
#define COURIER_MAX_WORDS                                                                          \
    65536 /* the oldest are forgotten: a container's init reaps for months                         \
           */

struct courier_link {
    struct courier_options options;
    courier_serve *serve;
    int fd;    /* our end of the socket pair, non-blocking; -1 while no courier serves */
    int pidfd; /* readable when the courier has ended; -1 likewise */
    pid_t pid;
    unsigned n_starts;
    struct courier_word *words; /* ring, owned */
    size_t n_words;             /* ever told: word i stands at i % COURIER_MAX_WORDS */
    size_t n_sent;              /* of them, to this courier */
};

/* `options` and the strings in it are borrowed until done. Errors: -ENOMEM. */
__attribute__((warn_unused_result)) int courier_link_init(struct courier_link *link,
                                                          const struct courier_options *options,
                                                          courier_serve *serve);

/* Closes our end; the courier, if one still serves, goes on and finishes by itself. */
void courier_link_done(struct courier_link *link);

/*
 * Forks a courier: in its own session, on /dev/null, with no descriptor of ours but its end of the
 * socket. When it has stored all it removes the session directory, unless a spool is left in it.
 * It is no ordinary child: it sends no SIGCHLD and waitpid(-1) passes it over, so the
 * supervisor's wait loop sees the program's processes alone. Errors: -EBUSY one serves already;
 * -ENOTRECOVERABLE it was started COURIER_MAX_STARTS times; of socketpair and clone.
 */
__attribute__((warn_unused_result)) int courier_link_start(struct courier_link *link);

/*
 * Waits for COURIER_READY. Errors: -ETIMEDOUT; -EIO it failed or died: error_text says why.
 */
__attribute__((warn_unused_result)) int courier_link_wait_ready(struct courier_link *link,
                                                                int timeout_ms, char *error_text,
                                                                size_t error_size);

/*
 * Tells the courier, now or when its socket has room: see courier_link_flush. Never blocks.
 * `command` (15 bytes of it count): the name of the process, "" if it is not known or of no matter.
 */
void courier_link_tell(struct courier_link *link, enum courier_message_kind kind, pid_t pid,
                       int wait_status, const char *command);

/* Sends what waits, as far as there is room. */
void courier_link_flush(struct courier_link *link);
bool courier_link_has_unsent(const struct courier_link *link);

/*
 * Returns 1 with a message, 0 when there is none now, -EPIPE at the end of file or after a packet
 * that is no message: nothing more is received from this courier then.
 */
__attribute__((warn_unused_result)) int courier_link_receive(struct courier_link *link,
                                                             struct courier_message *ret_message);

/* Ends the courier at once, where there is nothing to store: the program was never started. */
void courier_link_kill(struct courier_link *link);

/*
 * After pidfd has become readable: reaps the courier, closes both descriptors and returns its wait
 * status.
 */
int courier_link_reap(struct courier_link *link);
