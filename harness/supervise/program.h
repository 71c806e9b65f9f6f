/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Starts the supervised program.
 */
#pragma once

#include "harness/supervise/inheritance.h"
#include "harness/supervise/signals.h"

#include <sys/types.h>

/*
 * Starts argv[0], looked for in PATH, with the environment given. It stays in our session, process
 * group and terminal, with our streams, limits, umask and working directory; mask and dispositions
 * are those in `signals`, and what fork drops is in `inheritance`. ret_pid is set when exec has
 * succeeded, or when a signal ended the child before it: wait tells. `announce` is called with the
 * child's pid while the child waits; the child execs only after it has returned, and not at all if
 * we die before. Call it from a process with one thread. Errors: what exec says (-ENOENT, -EACCES,
 * -ENOEXEC, -E2BIG ...), -EAGAIN or -ENOMEM of fork, -EMFILE of the pipe; no child is left then.
 */
__attribute__((warn_unused_result)) int program_spawn(char *const *argv, char *const *environment,
                                                      const struct signals *signals,
                                                      const struct inheritance *inheritance,
                                                      void (*announce)(void *context, pid_t pid),
                                                      void *context, pid_t *ret_pid);

/* The exit status that shells give when a program cannot be started: 127 not found, else 126. */
int program_spawn_status(int error);
