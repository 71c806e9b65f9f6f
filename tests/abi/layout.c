/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Layouts and values of Rerun's C interface, as programs compiled against Rerun's own header have
 * them on a 64-bit machine. The compiler checks them; running the program proves only that it did.
 */
#include "sdk/include/lastword.h"

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), "size of " #type)
#define AT(type, member, bytes)                                                                    \
    _Static_assert(offsetof(type, member) == (bytes), "place of " #type "." #member)
#define VALUE(name, number) _Static_assert((name) == (number), "value of " #name)
#define SAME(type, other)                                                                          \
    _Static_assert(__builtin_types_compatible_p(type, other), "what " #type " is")

/* --- Types -------------------------------------------------------------------- */

SIZE(rr_string, 16);
AT(rr_string, utf8, 0);
AT(rr_string, length_in_bytes, 8);

SIZE(rr_bytes, 16);
AT(rr_bytes, bytes, 0);
AT(rr_bytes, length, 8);

SAME(rr_store_kind, uint32_t);
SAME(rr_recording_stream, uint32_t);
SAME(rr_component_type_handle, uint32_t);
SAME(rr_sorting_status, uint32_t);
SAME(rr_time_type, uint32_t);
SAME(rr_error_code, uint32_t);
SAME(rr_log_sink_kind, uint8_t);

SIZE(rr_spawn_options, 80);
AT(rr_spawn_options, port, 0);
AT(rr_spawn_options, memory_limit, 8);
AT(rr_spawn_options, server_memory_limit, 24);
AT(rr_spawn_options, hide_welcome_screen, 40);
AT(rr_spawn_options, detach_process, 41);
AT(rr_spawn_options, executable_name, 48);
AT(rr_spawn_options, executable_path, 64);

SIZE(rr_importer_settings, 40);
SAME(rr_data_loader_settings, rr_importer_settings);
AT(rr_importer_settings, recording_id, 0);
AT(rr_importer_settings, entity_path_prefix, 16);
AT(rr_importer_settings, static_, 32);

SIZE(rr_store_info, 40);
AT(rr_store_info, application_id, 0);
AT(rr_store_info, recording_id, 16);
AT(rr_store_info, store_kind, 32);

SIZE(rr_component_descriptor, 48);
AT(rr_component_descriptor, archetype, 0);
AT(rr_component_descriptor, component, 16);
AT(rr_component_descriptor, component_type, 32);

SIZE(struct ArrowSchema, 72);
AT(struct ArrowSchema, format, 0);
AT(struct ArrowSchema, flags, 24);
AT(struct ArrowSchema, children, 40);
AT(struct ArrowSchema, release, 56);

SIZE(struct ArrowArray, 80);
AT(struct ArrowArray, length, 0);
AT(struct ArrowArray, null_count, 8);
AT(struct ArrowArray, offset, 16);
AT(struct ArrowArray, n_buffers, 24);
AT(struct ArrowArray, n_children, 32);
AT(struct ArrowArray, buffers, 40);
AT(struct ArrowArray, children, 48);
AT(struct ArrowArray, dictionary, 56);
AT(struct ArrowArray, release, 64);

SIZE(rr_component_type, 120);
AT(rr_component_type, descriptor, 0);
AT(rr_component_type, schema, 48);

SIZE(rr_component_batch, 88);
AT(rr_component_batch, component_type, 0);
AT(rr_component_batch, array, 8);

SIZE(rr_data_row, 32);
AT(rr_data_row, entity_path, 0);
AT(rr_data_row, num_component_batches, 16);
AT(rr_data_row, component_batches, 24);

SIZE(rr_component_column, 88);
AT(rr_component_column, component_type, 0);
AT(rr_component_column, array, 8);

SIZE(rr_timeline, 24);
AT(rr_timeline, name, 0);
AT(rr_timeline, type, 16);

SIZE(rr_time_column, 112);
AT(rr_time_column, timeline, 0);
AT(rr_time_column, array, 24);
AT(rr_time_column, sorting_status, 104);

SIZE(rr_grpc_sink, 16);
SIZE(rr_file_sink, 16);

SIZE(rr_grpc_server_sink, 64);
AT(rr_grpc_server_sink, bind_ip, 0);
AT(rr_grpc_server_sink, port, 16);
AT(rr_grpc_server_sink, server_memory_limit, 24);
AT(rr_grpc_server_sink, newest_first, 40);
AT(rr_grpc_server_sink, cors_allow_origins, 48);
AT(rr_grpc_server_sink, num_cors_allow_origins, 56);

SIZE(rr_log_sink, 72);
AT(rr_log_sink, kind, 0);
AT(rr_log_sink, grpc, 8);
AT(rr_log_sink, file, 8);
AT(rr_log_sink, grpc_server, 8);

SIZE(rr_error, 2052);
AT(rr_error, code, 0);
AT(rr_error, description, 4);

/* --- Values ------------------------------------------------------------------- */

VALUE(RR_STORE_KIND_RECORDING, 1);
VALUE(RR_STORE_KIND_BLUEPRINT, 2);
VALUE(RR_REC_STREAM_CURRENT_RECORDING, 0xFFFFFFFF);
VALUE(RR_REC_STREAM_CURRENT_BLUEPRINT, 0xFFFFFFFE);
VALUE(RR_COMPONENT_TYPE_HANDLE_INVALID, 0xFFFFFFFF);
VALUE(RR_SORTING_STATUS_UNKNOWN, 0);
VALUE(RR_SORTING_STATUS_SORTED, 1);
VALUE(RR_SORTING_STATUS_UNSORTED, 2);
VALUE(RR_TIME_TYPE_SEQUENCE, 1);
VALUE(RR_TIME_TYPE_DURATION, 2);
VALUE(RR_TIME_TYPE_TIMESTAMP, 3);
VALUE(RR_LOG_SINK_KIND_GRPC, 0);
VALUE(RR_LOG_SINK_KIND_FILE, 1);
VALUE(RR_LOG_SINK_KIND_GRPC_SERVER, 2);

VALUE(RR_ERROR_CODE_OK, 0);
VALUE(RR_ERROR_CODE_OUT_OF_MEMORY, 1);
VALUE(RR_ERROR_CODE_NOT_IMPLEMENTED, 2);
VALUE(RR_ERROR_CODE_SDK_VERSION_MISMATCH, 3);
VALUE(_RR_ERROR_CODE_CATEGORY_ARGUMENT, 0x10);
VALUE(RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, 0x11);
VALUE(RR_ERROR_CODE_INVALID_STRING_ARGUMENT, 0x12);
VALUE(RR_ERROR_CODE_INVALID_ENUM_VALUE, 0x13);
VALUE(RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE, 0x14);
VALUE(RR_ERROR_CODE_INVALID_SOCKET_ADDRESS, 0x15);
VALUE(RR_ERROR_CODE_INVALID_COMPONENT_TYPE_HANDLE, 0x16);
VALUE(RR_ERROR_CODE_INVALID_TIME_ARGUMENT, 0x17);
VALUE(RR_ERROR_CODE_INVALID_TENSOR_DIMENSION, 0x18);
VALUE(RR_ERROR_CODE_INVALID_COMPONENT, 0x19);
VALUE(RR_ERROR_CODE_INVALID_SERVER_URL, 0x1a);
VALUE(RR_ERROR_CODE_FILE_READ, 0x1b);
VALUE(RR_ERROR_CODE_INVALID_MEMORY_LIMIT, 0x1c);
VALUE(_RR_ERROR_CODE_CATEGORY_RECORDING_STREAM, 0x100);
VALUE(RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE, 0x101);
VALUE(RR_ERROR_CODE_RECORDING_STREAM_CREATION_FAILURE, 0x102);
VALUE(RR_ERROR_CODE_RECORDING_STREAM_SAVE_FAILURE, 0x103);
VALUE(RR_ERROR_CODE_RECORDING_STREAM_STDOUT_FAILURE, 0x104);
VALUE(RR_ERROR_CODE_RECORDING_STREAM_SPAWN_FAILURE, 0x105);
VALUE(RR_ERROR_CODE_RECORDING_STREAM_CHUNK_VALIDATION_FAILURE, 0x106);
VALUE(RR_ERROR_CODE_RECORDING_STREAM_SERVE_GRPC_FAILURE, 0x107);
VALUE(RR_ERROR_CODE_RECORDING_STREAM_FLUSH_TIMEOUT, 0x108);
VALUE(RR_ERROR_CODE_RECORDING_STREAM_FLUSH_FAILURE, 0x109);
VALUE(_RR_ERROR_CODE_CATEGORY_ARROW, 0x1000);
VALUE(RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR, 0x1001);
VALUE(RR_ERROR_CODE_ARROW_FFI_ARRAY_IMPORT_ERROR, 0x1002);
VALUE(_RR_ERROR_CODE_CATEGORY_UTILITIES, 0x10000);
VALUE(RR_ERROR_CODE_VIDEO_LOAD_ERROR, 0x10001);
VALUE(_RR_ERROR_CODE_CATEGORY_FILE_IO, 0x100000);
VALUE(RR_ERROR_CODE_FILE_OPEN_FAILURE, 0x100001);
VALUE(_RR_ERROR_CODE_CATEGORY_ARROW_CPP_STATUS, 0x10000000);
VALUE(RR_ERROR_CODE_UNKNOWN, 0x10000001);

/* --- Functions ---------------------------------------------------------------- */

#define FUNCTION(name, ...) SAME(__typeof__(&(name)), __typeof__(__VA_ARGS__))

FUNCTION(rr_version_string, const char *(*)(void));
FUNCTION(rr_f16_from_f32, uint16_t (*)(float));
FUNCTION(rr_spawn, void (*)(const rr_spawn_options *, rr_error *));
FUNCTION(rr_register_component_type, rr_component_type_handle (*)(rr_component_type, rr_error *));
FUNCTION(rr_recording_stream_new,
         rr_recording_stream (*)(const rr_store_info *, bool, bool, rr_error *));
FUNCTION(rr_recording_stream_free, void (*)(rr_recording_stream));
FUNCTION(rr_recording_stream_set_global, void (*)(rr_recording_stream, rr_store_kind));
FUNCTION(rr_recording_stream_set_thread_local, void (*)(rr_recording_stream, rr_store_kind));
FUNCTION(rr_recording_stream_is_enabled, bool (*)(rr_recording_stream, rr_error *));
FUNCTION(rr_recording_stream_set_sinks,
         void (*)(rr_recording_stream, rr_log_sink *, uint32_t, rr_error *));
FUNCTION(rr_recording_stream_connect_grpc, void (*)(rr_recording_stream, rr_string, rr_error *));
FUNCTION(rr_recording_stream_save, void (*)(rr_recording_stream, rr_string, rr_error *));
FUNCTION(rr_recording_stream_serve_grpc,
         void (*)(rr_recording_stream, rr_string, uint16_t, rr_string, bool, const rr_string *,
                  uint32_t, rr_error *));
FUNCTION(rr_recording_stream_spawn,
         void (*)(rr_recording_stream, const rr_spawn_options *, rr_error *));
FUNCTION(rr_recording_stream_stdout, void (*)(rr_recording_stream, rr_error *));
FUNCTION(rr_recording_stream_flush_blocking, void (*)(rr_recording_stream, float, rr_error *));
FUNCTION(rr_recording_stream_set_time,
         void (*)(rr_recording_stream, rr_string, rr_time_type, int64_t, rr_error *));
FUNCTION(rr_recording_stream_disable_timeline,
         void (*)(rr_recording_stream, rr_string, rr_error *));
FUNCTION(rr_recording_stream_reset_time, void (*)(rr_recording_stream));
FUNCTION(rr_recording_stream_set_log_tick_enabled, void (*)(rr_recording_stream, bool));
FUNCTION(rr_recording_stream_set_log_time_enabled, void (*)(rr_recording_stream, bool));
FUNCTION(rr_recording_stream_log, void (*)(rr_recording_stream, rr_data_row, bool, rr_error *));
FUNCTION(rr_recording_stream_log_file_from_path,
         void (*)(rr_recording_stream, rr_string, rr_string, bool, rr_error *));
FUNCTION(rr_recording_stream_log_file_from_contents,
         void (*)(rr_recording_stream, rr_string, rr_bytes, rr_string, bool, rr_error *));
FUNCTION(rr_recording_stream_send_columns,
         void (*)(rr_recording_stream, rr_string, rr_time_column *, uint32_t, rr_component_column *,
                  uint32_t, rr_error *));
FUNCTION(rr_video_asset_read_frame_timestamps_nanos,
         int64_t *(*)(const uint8_t *, uint64_t, rr_string, void *, int64_t *(*)(void *, uint32_t),
                      rr_error *));
FUNCTION(_rr_escape_entity_path_part, char *(*)(rr_string));
FUNCTION(_rr_free_string, void (*)(char *));

int main(void)
{
    return 0;
}
