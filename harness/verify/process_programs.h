/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Processes by the programs that they were: the file names of their executables.
 */
#pragma once

#include "harness/verify/recorded_processes.h"

/*
 * Fills in program and program_birth of all images. The table's heads must be known: part of
 * process_roles_arrange. Returns 0 or -ENOMEM.
 */
__attribute__((warn_unused_result)) int process_programs_arrange(struct recorded_processes *table);

/* Tells whether a selector, of whatever kind, means the process with that first image. */
bool process_is_meant(const struct recorded_processes *table, size_t head,
                      const struct process_selector *selector);
