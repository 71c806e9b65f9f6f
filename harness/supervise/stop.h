/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Stops the supervisor as its program was stopped, so that the shell that waits for the one gets
 * its terminal back.
 */
#pragma once

#include <sys/types.h>

/*
 * Stops the calling process by `signal_number` (SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU) and returns
 * when it goes on: because someone sent it SIGCONT, or because `program` was continued or ended,
 * which nobody would tell a stopped process. Returns at once where the kernel refuses to stop, as
 * it does for a terminal's signals when no shell could continue the group. Leaves SIGCONT pending.
 */
void stop_like_program(int signal_number, pid_t program);
