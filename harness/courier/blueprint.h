/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Blueprints as programs send them: a whole recording that the official SDK made. Data of others:
 * everything is checked before any of it gets into our recording, which readers could not read any
 * more otherwise.
 */
#pragma once

#include "harness/wire/message.h"

#define BLUEPRINT_MAX_UNPACKED ((uint64_t)256 << 20) /* bytes of its chunks, decompressed */

/* What was sent, and how. */
struct blueprint {
    struct string_view bytes;          /* a recording */
    struct string_view application_id; /* that it must have; normalised */
    bool make_active, make_default;
};

/*
 * Appends the messages of a blueprint to `out` as they are, each in its frame, and then the command
 * that activates it. The recording must hold one blueprint store, announced before its first chunk
 * and of that application, and chunks that our readers can read, but nothing else; an index at its
 * end is left out. store_id, which is replaced, gets the id of the store, encoded. Returns 0;
 * -EBADMSG: it is not that; -ENOMEM or -E2BIG of a buffer: `out` is as before then.
 */
__attribute__((warn_unused_result)) int
blueprint_append(const struct blueprint *blueprint, struct buffer *out, struct buffer *store_id);
