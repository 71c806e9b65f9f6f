/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads an ArrowMsg into a chunk whose every part was checked: nothing that a chunk holds can lead
 * outside its memory.
 *
 * Not thread-safe. A chunk and all views of it are good until the next call on its decoder, and as
 * long as the message's own bytes are.
 */
#pragma once

#include "harness/wire/chunk.h"
#include "harness/wire/rrd_error.h"

struct chunk_decoder;

#define CHUNK_MAX_UNCOMPRESSED ((size_t)2 << 30) /* bytes; larger claims are refused */

/* Returns 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int chunk_decoder_create(struct chunk_decoder **ret_decoder);

/* NULL does nothing. */
void chunk_decoder_destroy(struct chunk_decoder *decoder);

/*
 * Decodes the payload of an RRD_ARROW_MSG frame. `message` may be any bytes.
 * Returns 0; -EBADMSG: damaged, or not a chunk as Rerun defines it; -ENOTSUP: whole but of a kind
 * that is not read (dictionaries, run-end encoding, views; components that are no
 * lists); -E2BIG: above CHUNK_MAX_UNCOMPRESSED; -ENOMEM. `error` (may be NULL) says what is wrong,
 * without file and offset, which the caller knows.
 */
__attribute__((warn_unused_result)) int chunk_decoder_decode(struct chunk_decoder *decoder,
                                                             struct string_view message,
                                                             struct chunk *ret_chunk,
                                                             struct rrd_error *error);
