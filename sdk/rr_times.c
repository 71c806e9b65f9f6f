/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The functions of Rerun's C interface that set times: checks, and calls of times.c. No state. */
#include "sdk/error.h"
#include "sdk/times.h"

/* Checks what all of them have in common; ret_stream is NULL when there is no current stream. */
static bool check(const struct argument_call *call, rr_recording_stream handle, rr_string name,
                  struct stream **ret_stream, struct text *ret_name)
{
    return argument_check_string(call, "timeline", name, ARGUMENT_REQUIRED, TIMELINE_MAX_NAME,
                                 ret_name) &&
           stream_find(call, handle, ret_stream);
}

void rr_recording_stream_set_time(rr_recording_stream handle, rr_string timeline,
                                  rr_time_type time_type, int64_t value, rr_error *error)
{
    const struct argument_call call = {"rr_recording_stream_set_time", error};
    struct stream *stream;
    struct text name;

    if (!check(&call, handle, timeline, &stream, &name))
        return;
    if (time_type < RR_TIME_TYPE_SEQUENCE || time_type > RR_TIME_TYPE_TIMESTAMP) {
        error_set(error, RR_ERROR_CODE_INVALID_ENUM_VALUE,
                  "%s: time_type is %u: use one of RR_TIME_TYPE_SEQUENCE, _DURATION, _TIMESTAMP",
                  call.function, time_type);
        return;
    }
    if (stream && !times_set(stream, name, time_type, value))
        error_set(error, RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE,
                  "%s: this thread has set %d timelines, or the process has used %d names: disable "
                  "some with rr_recording_stream_disable_timeline",
                  call.function, TIMES_MAX, TIMELINE_MAX);
}

void rr_recording_stream_disable_timeline(rr_recording_stream handle, rr_string timeline,
                                          rr_error *error)
{
    const struct argument_call call = {"rr_recording_stream_disable_timeline", error};
    struct stream *stream;
    struct text name;

    if (check(&call, handle, timeline, &stream, &name) && stream)
        times_disable(stream, name);
}

void rr_recording_stream_reset_time(rr_recording_stream handle)
{
    const struct argument_call quiet = {"", NULL};
    struct stream *stream;

    if (stream_find(&quiet, handle, &stream) && stream)
        times_reset(stream);
}
