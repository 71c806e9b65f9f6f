/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a process is doing at this moment, in a few words, for reports of programs that hang.
 */
#pragma once

#include "harness/supervise/tree.h"

/*
 * Writes "running", "sleeping in futex_wait_queue", "stopped", ... to `text` (size bytes, always
 * terminated, printable). Where the kernel does not say in what, the state alone.
 */
void activity_read(const struct tree_process *process, char *text, size_t size);

/*
 * Appends ", with standard output and standard error open" as far as the process has our own of
 * these under any number, and they are pipes: whoever reads them does not see their end.
 */
void activity_add_streams(pid_t pid, char *text, size_t size);
