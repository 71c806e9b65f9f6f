/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The streams of this process, and which of them are current.
 *
 * A handle is a number that is never used again, and memory of streams never goes away. So nothing
 * here needs a lock: a forked child finds whole streams or none. The place of a stream to which
 * nothing refers is used again, but only when no other is left, and the longest unused one first: a
 * pointer is good for as long as the call that found it.
 * Thread-safe, fork-safe, async-signal-safe.
 */
#pragma once

#include "sdk/argument.h"
#include "sdk/recording.h"

#include <stdatomic.h>

#define STREAM_MAX 65536u /* at once */

/* One stream. What is not atomic is written before the stream is published by its handle. */
struct stream {
    _Atomic(const struct record_recording *) recording; /* never NULL; save replaces it */
    _Atomic uint64_t n_ticks;                           /* rows counted on log_tick */
    const char *recording_id;                           /* NUL-terminated */
    struct stream_memory *memory;                       /* for its texts; kept by the place */
    _Atomic rr_recording_stream handle;                 /* 0: there is no stream in this place */
    _Atomic uint32_t n_references; /* its handle until it is freed, and where it is current */
    bool is_enabled;               /* RERUN, or the program, at the start */
    _Atomic bool is_freed;
    _Atomic bool has_log_time;
    _Atomic bool has_log_tick;
};

/*
 * Makes a stream. Opens the spool, and makes a session where none is named, unless the stream is
 * off. spec: as for recording_define; time and previous definition are filled in here.
 * Returns true, or false with `call`'s error set: RECORDING_STREAM_CREATION_FAILURE.
 */
bool stream_create(const struct argument_call *call, const struct recording_spec *spec,
                   bool is_enabled, struct stream **ret_stream);

/*
 * Finds the stream of a handle; for the special handles the current one, which an exec'd program
 * that has none makes here from its environment. Returns true, ret_stream NULL when there is no
 * current one; or false with `call`'s error set: INVALID_RECORDING_STREAM_HANDLE,
 * RECORDING_STREAM_CREATION_FAILURE.
 */
bool stream_find(const struct argument_call *call, rr_recording_stream handle,
                 struct stream **ret_stream);

/* As stream_find for RR_REC_STREAM_CURRENT_RECORDING, but none is INVALID_RECORDING_STREAM_HANDLE.
 */
bool stream_find_current(const struct argument_call *call, struct stream **ret_stream);

/* Frees the handle, once; what has the stream as the current one goes on with it. */
void stream_free(struct stream *stream);

/* Keep the place of a stream (NULL: nothing) from being used again. unrefer returns what is left.
 */
void stream_refer(struct stream *stream);
uint32_t stream_unrefer(struct stream *stream);

/* The current recording as it stands: nothing is made from the environment. NULL: none. */
struct stream *stream_present(rr_store_kind store_kind);

/* That of the process, and that of the calling thread, which goes before it. NULL: none. */
struct stream *stream_global(rr_store_kind store_kind);
struct stream *stream_thread_local(rr_store_kind store_kind);

/* Makes `stream` (NULL: none) the current one of the process or of the calling thread. */
void stream_set_global(struct stream *stream, rr_store_kind store_kind);
void stream_set_thread_local(struct stream *stream, rr_store_kind store_kind);

/*
 * Gives the stream a new definition with that list of sinks, as in struct record_recording; later
 * rows use it. *ret_replaced: the definition that was the stream's before. 0 or a negative errno:
 * then nothing has changed. sinks.h has more.
 */
__attribute__((warn_unused_result)) int
stream_replace(struct stream *stream, struct text sinks,
               const struct record_recording **ret_replaced);

/* Returns whether no stream of this image was made for recordings so far, once. */
bool stream_is_first_recording(void);

/*
 * Returns the stream of a handle even if it was freed, as long as its place was not used again;
 * NULL: none. The special handles are none.
 */
struct stream *stream_at(rr_recording_stream handle);

/*
 * The stream in a place, 0 to STREAM_MAX - 1, freed or not; of a place that was never used, all
 * zeros. NULL: neither this place nor one behind it was ever used.
 */
struct stream *stream_in_place(uint32_t place);
