/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The functions of Rerun's C interface that say where a stream's rows go: checks, and calls of
 * sinks.c. No state.
 */
#include "sdk/rr_sinks.h"

#include "sdk/error.h"

#include <errno.h>
#include <string.h>

/* Finds the stream; false: there is none, or it is off, and nothing is left to be done. */
static bool find(const struct argument_call *call, rr_recording_stream handle,
                 struct stream **ret_stream)
{
    return stream_find(call, handle, ret_stream) && *ret_stream && (*ret_stream)->is_enabled;
}

static bool refuse_many(const struct argument_call *call)
{
    return error_set(call->error, RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE,
                     "%s: too many sinks: name %d at most, of %d bytes in all", call->function,
                     RECORD_MAX_SINKS, RECORD_MAX_SINKS_SIZE);
}

static bool give(const struct argument_call *call, struct stream *stream, const struct text *sinks,
                 size_t n, rr_error_code code)
{
    int result = stream_set_sinks(stream, sinks, n);

    if (result == -E2BIG)
        return refuse_many(call);
    return result == 0 || error_set_spool(call->error, code, call->function, result);
}

/* --- One ------------------------------------------------------------------ */

bool save_to(const struct argument_call *call, struct stream *stream, struct text path)
{
    char absolute[RECORDING_MAX_PATH + 1];
    struct text sink;

    return !stream->is_enabled ||
           (sink_check_file(call, path, absolute, &sink) &&
            give(call, stream, &sink, 1, RR_ERROR_CODE_RECORDING_STREAM_SAVE_FAILURE));
}

void rr_recording_stream_save(rr_recording_stream handle, rr_string path, rr_error *error)
{
    const struct argument_call call = {"rr_recording_stream_save", error};
    struct text checked;
    struct stream *stream;

    if (argument_check_string(&call, "path", path, ARGUMENT_REQUIRED, RECORDING_MAX_PATH,
                              &checked) &&
        find(&call, handle, &stream))
        (void)!save_to(&call, stream, checked);
}

static bool check_viewer(const struct argument_call *call, const char *name, rr_string url,
                         char full[VIEWER_URL_MAX_SIZE], struct text *ret_sink)
{
    struct text checked;

    return argument_check_string(call, name, url, ARGUMENT_OPTIONAL, VIEWER_URL_MAX_SIZE,
                                 &checked) &&
           sink_check_viewer(call, checked, full, ret_sink);
}

void rr_recording_stream_connect_grpc(rr_recording_stream handle, rr_string url, rr_error *error)
{
    const struct argument_call call = {"rr_recording_stream_connect_grpc", error};
    char full[VIEWER_URL_MAX_SIZE];
    struct text sink;
    struct stream *stream;

    if (check_viewer(&call, "url", url, full, &sink) && find(&call, handle, &stream))
        (void)!give(&call, stream, &sink, 1, 0);
}

/* --- Several -------------------------------------------------------------- */

/* Sinks that were checked, and their text. */
struct sink_list {
    struct text at[RECORD_MAX_SINKS];
    size_t n;
    size_t used;
    char bytes[RECORD_MAX_SINKS_SIZE];
};

/* What cannot be must be known before the first file is made. */
static bool check_kinds(const struct argument_call *call, const rr_log_sink *sinks, uint32_t n)
{
    if (n > 0 && !argument_check_pointer(call, "sinks", sinks))
        return false;
    if (n > RECORD_MAX_SINKS)
        return refuse_many(call);
    for (uint32_t i = 0; i < n; i++) {
        if (sinks[i].kind == RR_LOG_SINK_KIND_GRPC_SERVER)
            return error_set(call->error, RR_ERROR_CODE_NOT_IMPLEMENTED,
                             "%s: sinks[%u]: serving is not implemented yet: name a file, or the "
                             "URL of a viewer",
                             call->function, i);
        if (sinks[i].kind > RR_LOG_SINK_KIND_GRPC_SERVER)
            return error_set(call->error, RR_ERROR_CODE_INVALID_ENUM_VALUE,
                             "%s: sinks[%u].kind is %u: use RR_LOG_SINK_KIND_FILE or "
                             "RR_LOG_SINK_KIND_GRPC",
                             call->function, i, sinks[i].kind);
    }
    return true;
}

static bool add(const struct argument_call *call, struct sink_list *list, struct text sink)
{
    char *at = list->bytes + list->used;

    if (sink.size > sizeof(list->bytes) - list->used)
        return refuse_many(call);
    memcpy(at, sink.bytes, sink.size);
    list->at[list->n++] = (struct text){at, sink.size};
    list->used += sink.size;
    return true;
}

static bool add_viewer(const struct argument_call *call, rr_string url, struct sink_list *list)
{
    char full[VIEWER_URL_MAX_SIZE];
    struct text sink;

    return check_viewer(call, "sinks.grpc.url", url, full, &sink) && add(call, list, sink);
}

static bool add_file(const struct argument_call *call, rr_string path, struct sink_list *list)
{
    char absolute[RECORDING_MAX_PATH + 1];
    struct text checked;
    struct text sink;

    return argument_check_string(call, "sinks.file.path", path, ARGUMENT_REQUIRED,
                                 RECORDING_MAX_PATH, &checked) &&
           sink_check_file(call, checked, absolute, &sink) && add(call, list, sink);
}

void rr_recording_stream_set_sinks(rr_recording_stream handle, rr_log_sink *sinks,
                                   uint32_t num_sinks, rr_error *error)
{
    const struct argument_call call = {"rr_recording_stream_set_sinks", error};
    struct sink_list list;
    struct stream *stream;
    bool is_good;

    list.n = 0;
    list.used = 0;
    is_good = check_kinds(&call, sinks, num_sinks) && find(&call, handle, &stream);
    for (uint32_t i = 0; is_good && i < num_sinks; i++)
        is_good = sinks[i].kind == RR_LOG_SINK_KIND_GRPC
                      ? add_viewer(&call, sinks[i].grpc.url, &list)
                      : add_file(&call, sinks[i].file.path, &list);
    if (is_good)
        (void)!give(&call, stream, list.at, list.n, 0);
}
