/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Makes a tree of the processes of a recording.
 */
#pragma once

#include "harness/verify/recorded_processes.h"

/*
 * Links images and parents, gives out roles and births, and fills by_birth: once, after all rows
 * were read. The root is the process that `run` made; where there is none, each that began and
 * whose parent is not known. A recording that knows nothing of processes is taken as one root.
 * Returns 0 or -ENOMEM.
 */
__attribute__((warn_unused_result)) int process_roles_arrange(struct recorded_processes *table);
