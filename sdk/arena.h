/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Memory for the few things that a process keeps to its end: names of timelines, component types,
 * ids. The heap will not do: a child of a threaded program that was not made by fork() may find its
 * locks taken, and so may a signal handler.
 */
#pragma once

#include <stddef.h>

#define ARENA_MAX_ALLOCATION (32u << 10)

/*
 * Returns `size` bytes (at most ARENA_MAX_ALLOCATION), zeroed and aligned to 8, which are never
 * freed; NULL when memory is short or the arena has 16 MiB. Thread-safe, fork-safe,
 * async-signal-safe, errno kept.
 */
void *arena_allocate(size_t size);
