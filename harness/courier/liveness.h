/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Whether a process, or one of its threads, still lives. Pids repeat and may belong to another pid
 * namespace, so the answer can be that nobody knows.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Opens a descriptor (close-on-exec) of process `pid`, which becomes readable when it ends.
 * claimed_ns: a time (CLOCK_BOOTTIME) at which the process lived. The pid must be one of our pid
 * namespace: liveness_maps tells. Returns the descriptor; -ESRCH: it does not live any more;
 * -ENOTSUP: it cannot be told from here; -EMFILE and others: not now.
 */
__attribute__((warn_unused_result)) int liveness_open(uint32_t pid, uint64_t claimed_ns);

/*
 * Tells whether the process that we know as `pid` maps a file of that name. A process in another
 * pid namespace has another number there, and ours belongs to somebody who does not map it.
 */
bool liveness_maps(uint32_t pid, const char *file_name);

/* Tells whether the process behind the descriptor has ended. */
bool liveness_is_over(int descriptor);

/* Tells whether thread `tid` of the living process `pid` is gone. False also when unknown. */
bool liveness_thread_is_gone(uint32_t pid, uint32_t tid);
