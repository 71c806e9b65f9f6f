/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The index of one store, as it stands in the footer of a recording. Rules as in message.h.
 */
#pragma once

#include "harness/wire/message.h"

/* The index of one store, one of the manifests of an RrdFooter. */
struct rrd_manifest {
    struct store_id store;
    struct string_view schema; /* Arrow IPC stream without a batch */
    uint8_t schema_sha256[32];
    uint32_t compression;       /* enum arrow_compression, of the table */
    uint64_t uncompressed_size; /* bytes of the table */
    struct string_view table;   /* Arrow IPC stream, one row a chunk */
};

/* Appends one manifest as a field of the message RrdFooter, which has nothing else. */
__attribute__((warn_unused_result)) int rrd_manifest_encode(const struct rrd_manifest *manifest,
                                                            struct buffer *out);

/* Takes the next manifest off the front of an RrdFooter. Returns 1; 0 when none is left; -EBADMSG.
 */
__attribute__((warn_unused_result)) int rrd_manifest_next(struct string_view *footer,
                                                          struct rrd_manifest *ret_manifest);
