/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A record that was too large for a block, being put together again.
 *
 * Nothing here outlives the courier: the first fragment is not passed over until the record is
 * whole and taken, so a new courier begins with it again.
 */
#pragma once

#include "harness/wire/buffer.h"
#include "sdk/record/record.h"

#include <stdbool.h>

struct fragment_join {
    bool is_active;
    struct record_fragment first; /* its header */
    struct buffer payload;        /* what is there so far */
    uint64_t next_chain;          /* where to look for the next fragment: block */
    uint32_t next_position;       /* and offset in it; 0: its first record not read */
};

/* Is this the record that is being joined? */
bool fragment_join_is(const struct fragment_join *join, const struct record_fragment *fragment);

/*
 * Begins with the payload of a RECORD_FRAGMENT_FIRST. max_size: bytes that a record can have here.
 * Returns 0; -EBADMSG: it is damaged; -ENOMEM. What was joined before is dropped.
 */
__attribute__((warn_unused_result)) int fragment_join_begin(struct fragment_join *join,
                                                            const void *payload, size_t size,
                                                            uint64_t max_size);

/*
 * Adds the payload of a RECORD_FRAGMENT_NEXT. Returns 0, also when it belongs to another record;
 * -EBADMSG: damaged, or not the next one; -ENOMEM.
 */
__attribute__((warn_unused_result)) int fragment_join_add(struct fragment_join *join,
                                                          const void *payload, size_t size);

bool fragment_join_is_whole(const struct fragment_join *join);

/* Is this the fragment that ends its record, and the record a row? */
bool fragment_ends_row(const void *payload, size_t size);

/* Frees the payload. */
void fragment_join_done(struct fragment_join *join);
