/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Recordings as they are defined in the spool: which application, which id, which sinks.
 *
 * A definition is memory of the spool that neither changes nor goes away, so it can be pointed to
 * from anywhere; for streams that are off it is memory of theirs. Fork-safe, async-signal-safe.
 */
#pragma once

#include "sdk/argument.h"
#include "sdk/record/record.h"

#define RECORDING_RANDOM_ID_SIZE 36 /* "rec_" and 32 hex digits, not terminated */
#define RECORDING_MAX_PATH       RECORD_MAX_SINK

/* What a recording is made from; all text is checked already. */
struct recording_spec {
    uint32_t store_kind;  /* RR_STORE_KIND_* */
    uint32_t previous_id; /* the definition that this one replaces; 0 none */
    uint32_t flags;       /* RECORDING_* */
    uint64_t time_ns;     /* CLOCK_REALTIME of when the stream was made */
    struct text application_id;
    struct text recording_id;
    struct text sinks; /* as in struct record_recording */
};

/*
 * Writes the definition to the spool, which must be open. Returns 0 and the definition, or a
 * negative errno of struct spool_api.define.
 */
__attribute__((warn_unused_result)) int
recording_define(const struct recording_spec *spec, const struct record_recording **ret_recording);

/*
 * Makes a definition that is in no spool, with id 0, for a stream that is off: in `memory`, aligned
 * to 8, of recording_size(spec) bytes.
 */
size_t recording_size(const struct recording_spec *spec);
const struct record_recording *recording_build(const struct recording_spec *spec, void *memory);

/* Fills in what `recording` was made from; the texts refer to it. previous_id is its own id. */
void recording_describe(const struct record_recording *recording, struct recording_spec *ret_spec);

/* Writes a random id to `id`. Returns 0, or -EAGAIN when the system gives no random numbers. */
__attribute__((warn_unused_result)) int recording_random_id(char id[RECORDING_RANDOM_ID_SIZE]);
