/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The functions of Rerun's C interface that make, choose and configure streams: checks, and calls
 * of stream.c. No state.
 */
#include "sdk/environment.h"
#include "sdk/error.h"
#include "sdk/sinks.h"
#include "sdk/spool/spool.h"
#include "sdk/stream.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* --- Making them ---------------------------------------------------------- */

/*
 * The id of a recording of which the program gave none: for the first one that of whoever started
 * the program, else a random one, which is written to `random`.
 */
static bool choose_recording_id(const struct argument_call *call, rr_store_kind store_kind,
                                char random[RECORDING_RANDOM_ID_SIZE], struct text *ret_id)
{
    const char *given = environment_text("LASTWORD_RECORDING_ID");

    if (store_kind == RR_STORE_KIND_RECORDING && stream_is_first_recording() && given)
        return argument_check_text(call, "LASTWORD_RECORDING_ID", given, strlen(given),
                                   ARGUMENT_REQUIRED, RECORD_MAX_ID, ret_id);
    if (recording_random_id(random) < 0)
        return error_set(call->error, RR_ERROR_CODE_RECORDING_STREAM_CREATION_FAILURE,
                         "%s: the system gives no random numbers: pass a recording id",
                         call->function);
    *ret_id = (struct text){random, RECORDING_RANDOM_ID_SIZE};
    return true;
}

static bool make(const struct argument_call *call, const rr_store_info *store_info, bool is_enabled,
                 bool send_properties, struct stream **ret_stream)
{
    char random[RECORDING_RANDOM_ID_SIZE];
    struct recording_spec spec = {.flags = send_properties ? RECORDING_SEND_PROPERTIES : 0};

    if (!argument_check_pointer(call, "store_info", store_info) ||
        !argument_check_string(call, "store_info.application_id", store_info->application_id,
                               ARGUMENT_REQUIRED, RECORD_MAX_ID, &spec.application_id) ||
        !argument_check_string(call, "store_info.recording_id", store_info->recording_id,
                               ARGUMENT_OPTIONAL, RECORD_MAX_ID, &spec.recording_id))
        return false;
    if (store_info->store_kind != RR_STORE_KIND_RECORDING &&
        store_info->store_kind != RR_STORE_KIND_BLUEPRINT)
        return error_set(call->error, RR_ERROR_CODE_INVALID_ENUM_VALUE,
                         "%s: store_info.store_kind is %u: use RR_STORE_KIND_RECORDING or "
                         "RR_STORE_KIND_BLUEPRINT",
                         call->function, store_info->store_kind);
    spec.store_kind = store_info->store_kind;
    if (spec.recording_id.size == 0 &&
        !choose_recording_id(call, spec.store_kind, random, &spec.recording_id))
        return false;
    return stream_create(call, &spec, is_enabled, ret_stream);
}

rr_recording_stream rr_recording_stream_new(const rr_store_info *store_info, bool default_enabled,
                                            bool send_properties, rr_error *error)
{
    const struct argument_call call = {"rr_recording_stream_new", error};
    bool is_enabled = environment_switch("RERUN", default_enabled);
    struct stream *stream = NULL;

    return make(&call, store_info, is_enabled, send_properties, &stream) ? stream->handle : 0;
}

void rr_recording_stream_free(rr_recording_stream handle)
{
    struct stream *stream = stream_at(handle);

    if (!stream || stream->is_freed)
        return;
    (void)!sink_finish(stream, SINK_FINISH_DEFAULT);
    stream_free(stream);
}

/* --- Choosing the current one --------------------------------------------- */

/* The stream that becomes the current one; NULL: none. */
static struct stream *find_quietly(rr_recording_stream handle)
{
    const struct argument_call quiet = {"", NULL};
    struct stream *stream = NULL;

    return stream_find(&quiet, handle, &stream) ? stream : NULL;
}

void rr_recording_stream_set_global(rr_recording_stream stream, rr_store_kind store_kind)
{
    stream_set_global(find_quietly(stream), store_kind);
}

void rr_recording_stream_set_thread_local(rr_recording_stream stream, rr_store_kind store_kind)
{
    stream_set_thread_local(find_quietly(stream), store_kind);
}

bool rr_recording_stream_is_enabled(rr_recording_stream handle, rr_error *error)
{
    const struct argument_call call = {"rr_recording_stream_is_enabled", error};
    struct stream *stream;

    return stream_find(&call, handle, &stream) && stream && stream->is_enabled;
}

/* --- Configuring it ------------------------------------------------------- */

void rr_recording_stream_set_log_tick_enabled(rr_recording_stream handle, bool enabled)
{
    struct stream *stream = find_quietly(handle);

    if (stream)
        atomic_store(&stream->has_log_tick, enabled);
}

void rr_recording_stream_set_log_time_enabled(rr_recording_stream handle, bool enabled)
{
    struct stream *stream = find_quietly(handle);

    if (stream)
        atomic_store(&stream->has_log_time, enabled);
}

/* --- Waiting -------------------------------------------------------------- */

static uint32_t milliseconds(float seconds)
{
    return seconds < (float)(UINT32_MAX / 1000) ? (uint32_t)(seconds * 1000) : UINT32_MAX;
}

void rr_recording_stream_flush_blocking(rr_recording_stream handle, float timeout_sec,
                                        rr_error *error)
{
    const char *function = "rr_recording_stream_flush_blocking";
    struct stream *stream = find_quietly(handle);
    int result;

    if (isnan(timeout_sec) || timeout_sec < 0) {
        error_set(error, RR_ERROR_CODE_INVALID_TIME_ARGUMENT,
                  "%s: timeout_sec is negative or not a number: pass seconds, or infinity",
                  function);
        return;
    }
    if (!stream || !stream->is_enabled)
        return;
    result = lastword_spool_v1.wait_stored(milliseconds(timeout_sec));
    if (result == -ETIMEDOUT)
        error_set(error, RR_ERROR_CODE_RECORDING_STREAM_FLUSH_TIMEOUT,
                  "%s: not all rows were in the recording when the time was over; none is lost: "
                  "wait longer, or not at all",
                  function);
    else if (result < 0)
        error_set_spool(error, RR_ERROR_CODE_RECORDING_STREAM_FLUSH_FAILURE, function, result);
}
