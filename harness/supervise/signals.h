/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Signals of the supervisor, who is a guest between a program and whoever started it: what is sent
 * to the supervisor is meant for the program, and what the terminal sends reaches the program by
 * itself.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <sys/types.h>

struct signals {
    int fd;                           /* signalfd, close-on-exec, non-blocking; -1 after done */
    sigset_t inherited_mask;          /* as it was when lastword started */
    struct sigaction inherited_child; /* disposition of SIGCHLD, likewise */
};

/*
 * Blocks every signal that can be blocked, but those by which a fault of our own shows itself, and
 * opens a signalfd for them. SIGCHLD gets its default disposition: an inherited SIG_IGN would take
 * the wait statuses away. Errors: of signalfd (-EMFILE, -ENFILE, -ENOMEM); nothing is changed then.
 */
__attribute__((warn_unused_result)) int signals_init(struct signals *signals);

/* Closes the signalfd. The signals stay blocked: the process is about to end. */
void signals_done(struct signals *signals);

/* Reads one signal. Returns 1, 0 when none is pending, or a negative errno. */
__attribute__((warn_unused_result)) int signals_read(const struct signals *signals,
                                                     struct signalfd_siginfo *ret_info);

/* In the forked child, before exec: mask and dispositions as lastword found them. */
void signals_restore(const struct signals *signals);

/*
 * In the forked courier: default dispositions and an empty mask, but a broken pipe and a file-size
 * limit are errors to it, not death.
 */
void signals_reset_for_courier(void);

/*
 * Says whether a signal that the supervisor got must be handed on to the program.
 *
 * What a terminal sends (kernel-sent INT, QUIT, TSTP, TTIN, TTOU, WINCH) goes to the whole
 * foreground group, so the program has it already; only a hang-up goes to the session's leader
 * alone. What the program or its descendants sent (`sender_is_ours`) is not sent back: they mean
 * their group, or their parent. All the rest is handed on: kill by pid, and what the kernel sends
 * to one process, as the alarm that lastword's own parent may have set before it exec'd.
 */
bool signals_is_for_program(const struct signalfd_siginfo *info, bool session_leader,
                            bool sender_is_ours);

/* Sends the program what was received, with the value of a queued signal. Returns 0 or -errno. */
int signals_forward(const struct signalfd_siginfo *info, pid_t program);

/*
 * Ends the calling process by a signal, without a core file of its own. Returns only when the
 * kernel keeps the process alive: process 1 of a container cannot die of a signal.
 */
void signals_die(int signal_number);
