/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The functions of Rerun's C interface that do not work yet: each answers NOT_IMPLEMENTED, says so,
 * and changes nothing.
 */
#include "sdk/error.h"

#define UNUSED __attribute__((unused))

static void answer(rr_error *error, const char *function, const char *remedy)
{
    error_set(error, RR_ERROR_CODE_NOT_IMPLEMENTED, "%s is not implemented yet: %s", function,
              remedy);
}

static const char use_run[] =
    "run the program by `lastword run -o FILE`, or call rr_recording_stream_save";
static const char use_log[] = "log the rows with rr_recording_stream_log";

void rr_spawn(const rr_spawn_options *options UNUSED, rr_error *error)
{
    answer(error, __func__, "start the viewer by hand");
}

void rr_recording_stream_serve_grpc(rr_recording_stream stream UNUSED, rr_string bind_ip UNUSED,
                                    uint16_t port UNUSED, rr_string server_memory_limit UNUSED,
                                    bool newest_first UNUSED,
                                    const rr_string *cors_allow_origins UNUSED,
                                    uint32_t num_cors_allow_origins UNUSED, rr_error *error)
{
    answer(error, __func__, use_run);
}

void rr_recording_stream_spawn(rr_recording_stream stream UNUSED,
                               const rr_spawn_options *options UNUSED, rr_error *error)
{
    answer(error, __func__, use_run);
}

void rr_recording_stream_stdout(rr_recording_stream stream UNUSED, rr_error *error)
{
    answer(error, __func__, use_run);
}

void rr_recording_stream_log_file_from_path(rr_recording_stream stream UNUSED,
                                            rr_string path UNUSED,
                                            rr_string entity_path_prefix UNUSED,
                                            bool static_ UNUSED, rr_error *error)
{
    answer(error, __func__, use_log);
}

void rr_recording_stream_log_file_from_contents(rr_recording_stream stream UNUSED,
                                                rr_string path UNUSED, rr_bytes contents UNUSED,
                                                rr_string entity_path_prefix UNUSED,
                                                bool static_ UNUSED, rr_error *error)
{
    answer(error, __func__, use_log);
}

int64_t *rr_video_asset_read_frame_timestamps_nanos(
    const uint8_t *video_bytes UNUSED, uint64_t video_bytes_len UNUSED, rr_string media_type UNUSED,
    void *alloc_context UNUSED,
    int64_t *(*alloc_func)(void *context, uint32_t num_timestamps)UNUSED, rr_error *error)
{
    answer(error, __func__, "read them with another library");
    return NULL;
}
