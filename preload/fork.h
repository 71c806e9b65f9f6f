/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Telling forks that no wrapper sees. */
#pragma once

#include <stdbool.h>

/*
 * Registers with pthread_atfork, which allocates: only in the constructor. Returns false when there
 * is no memory.
 */
bool fork_watch(void);
