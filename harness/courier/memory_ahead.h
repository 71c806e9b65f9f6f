/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Huge pages for a spool, before its writers need them: docs/spool.md 6.
 */
#pragma once

#include "harness/courier/spool_map.h"

#include <stdint.h>

/*
 * Puts a huge page behind the next region of the spool when its writers have used half of the
 * regions that are ready, for families that log (a recording is defined in them) or fork often.
 * `n_ready`: regions that are ready, kept by the caller, 0 at first. At most one region a call, in
 * 0.3 to 5 ms. Where the kernel or the file system has none, the writers go on with small pages,
 * and this does nothing any more.
 */
void memory_ahead(const struct spool_map *map, uint32_t *n_ready);
