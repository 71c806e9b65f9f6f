/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rerun's C interface, as lastword provides it.
 *
 * Names, layouts, values and ownership are those of Rerun's own C SDK, so that a program compiled
 * against either header runs on this library. What differs is what happens to a row: it is appended
 * to the spool, a file mapping that outlives the process, and is safe when the call returns.
 *
 * What holds for every function, unless its comment says otherwise:
 *
 *   threads     Any thread may call it at any time, on the same stream too.
 *   forks       Children made by fork, _Fork, vfork and clone use the streams, component types and
 *               times that they inherit, without any call in between. No lock is held that a fork
 *               could inherit, and no thread or socket exists.
 *   signals     The functions that log may be called in a signal handler; the others not.
 *   strings     UTF-8 without NUL, not necessarily terminated, read only during the call. Length 0
 *               is the empty string whatever the pointer.
 *   errors      `error` may be NULL. It is filled when the call fails and left untouched when it
 *               succeeds; nothing is ever printed. UNEXPECTED_NULL_ARGUMENT: a pointer that must
 *               not be NULL is. INVALID_STRING_ARGUMENT: a string holds a NUL, is not UTF-8, is too
 *               long, or is empty where it must not be. INVALID_RECORDING_STREAM_HANDLE: no such
 *               stream, or it was freed. These are not repeated below.
 *   errno       Left as it was.
 *
 * Not every function works yet: those that do not answer RR_ERROR_CODE_NOT_IMPLEMENTED, change
 * nothing, and say so in their comment.
 */
#ifndef RERUN_H
#define RERUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifndef __cplusplus
#include <string.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* --- Arrow C data interface: https://arrow.apache.org/docs/format/CDataInterface.html  */

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE           2
#define ARROW_FLAG_MAP_KEYS_SORTED    4

/* The type of an array. Whoever owns it calls `release`, which sets `release` to NULL. */
struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

/* The values of an array. Whoever owns it calls `release`, which sets `release` to NULL. */
struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

#endif /* ARROW_C_DATA_INTERFACE */

/* --- Types ---------------------------------------------------------------- */

/* UTF-8 text. The memory is the caller's and is read only during the call. */
typedef struct rr_string {
    const char *utf8;         /* not necessarily NUL-terminated */
    uint32_t length_in_bytes; /* without a terminator; 0 is the empty string */
} rr_string;

/* Bytes, likewise. */
typedef struct rr_bytes {
    const uint8_t *bytes;
    uint32_t length;
} rr_bytes;

#ifndef __cplusplus
/*
 * Returns a view of a NUL-terminated string, whose memory it goes on to use. NULL gives the empty
 * string; of a string longer than 4 GiB only the start is seen.
 */
static inline rr_string rr_make_string(const char *utf8)
{
    size_t length = utf8 == NULL ? 0 : strlen(utf8);
    rr_string view = {utf8, length > UINT32_MAX ? UINT32_MAX : (uint32_t)length};

    return view;
}
#endif

/* What a stream carries. */
typedef uint32_t rr_store_kind;

enum {
    RR_STORE_KIND_RECORDING = 1, /* the data of the user */
    RR_STORE_KIND_BLUEPRINT = 2, /* how a viewer should show them */
};

/*
 * A recording stream. Handles are numbered from 1 in each process and never used again; 0 is never
 * valid. A forked child has the handles of its parent.
 */
typedef uint32_t rr_recording_stream;

/*
 * Handles that stand for the stream that is current in the calling thread: the thread's own
 * (rr_recording_stream_set_thread_local), else the process's (rr_recording_stream_set_global),
 * else, for recordings only, the one that LASTWORD_SESSION, LASTWORD_RECORDING_ID and
 * LASTWORD_APPLICATION_ID name in the environment of an exec'd program. Where there is none,
 * functions of this header do nothing, without an error.
 */
#define RR_REC_STREAM_CURRENT_RECORDING ((rr_recording_stream)0xFFFFFFFF)
#define RR_REC_STREAM_CURRENT_BLUEPRINT ((rr_recording_stream)0xFFFFFFFE)

/* A registered component type. Inherited by forked children. */
typedef uint32_t rr_component_type_handle;

#define RR_COMPONENT_TYPE_HANDLE_INVALID ((rr_component_type_handle)0xFFFFFFFF)

/* How to start a viewer. */
typedef struct rr_spawn_options {
    uint16_t port;                 /* 0: 9876 */
    rr_string memory_limit;        /* of the viewer, "16GB" or "50%"; empty: 75% */
    rr_string server_memory_limit; /* of the server inside it; empty: 0B */
    bool hide_welcome_screen;
    bool detach_process;       /* the viewer outlives the program */
    rr_string executable_name; /* looked for in PATH; empty: rerun */
    rr_string executable_path; /* not looked for; empty: use the name */
} rr_spawn_options;

/* Hints to a program that imports a file. */
typedef struct rr_importer_settings {
    rr_string recording_id;       /* empty: its own choice */
    rr_string entity_path_prefix; /* empty: none */
    bool static_;
} rr_importer_settings;

/* The older name of the same. */
typedef rr_importer_settings rr_data_loader_settings;

/* What a stream is called. */
typedef struct rr_store_info {
    rr_string application_id;
    rr_string recording_id; /* empty: random */
    rr_store_kind store_kind;
} rr_store_info;

/* What a component is called. */
typedef struct rr_component_descriptor {
    rr_string archetype;      /* "rerun.archetypes.TextLog"; empty: none */
    rr_string component;      /* "TextLog:text" */
    rr_string component_type; /* "rerun.components.Text"; empty: none */
} rr_component_descriptor;

/* A component type to register. Ownership of the schema passes with it. */
typedef struct rr_component_type {
    rr_component_descriptor descriptor;
    struct ArrowSchema schema;
} rr_component_type;

/* The instances of one component in one row: array.length of them. */
typedef struct rr_component_batch {
    rr_component_type_handle component_type;
    struct ArrowArray array;
} rr_component_batch;

/* One row of one entity. Ownership of the arrays passes to the function that logs it. */
typedef struct rr_data_row {
    rr_string entity_path; /* "world/camera"; empty is the root */
    uint32_t num_component_batches;
    rr_component_batch *component_batches;
} rr_data_row;

/* One component of many rows. */
typedef struct rr_component_column {
    rr_component_type_handle component_type; /* of the values within the lists */
    struct ArrowArray array;                 /* a List of that type, one list a row */
} rr_component_column;

/* What is known of the order of a column of times. */
typedef uint32_t rr_sorting_status;

enum {
    RR_SORTING_STATUS_UNKNOWN = 0,
    RR_SORTING_STATUS_SORTED = 1,
    RR_SORTING_STATUS_UNSORTED = 2,
};

/* What the values of a timeline mean. */
typedef uint32_t rr_time_type;

enum {
    RR_TIME_TYPE_SEQUENCE = 1,  /* a number without a unit: frames, steps */
    RR_TIME_TYPE_DURATION = 2,  /* nanoseconds */
    RR_TIME_TYPE_TIMESTAMP = 3, /* nanoseconds since 1970-01-01 00:00:00 UTC */
};

typedef struct rr_timeline {
    rr_string name;
    rr_time_type type;
} rr_timeline;

/* The times of many rows on one timeline. */
typedef struct rr_time_column {
    rr_timeline timeline;
    struct ArrowArray array; /* int64 */
    rr_sorting_status sorting_status;
} rr_time_column;

/* A viewer or proxy reached over gRPC. */
typedef struct rr_grpc_sink {
    rr_string url; /* default: rerun+http://127.0.0.1:9876/proxy */
} rr_grpc_sink;

/* A recording on disk. */
typedef struct rr_file_sink {
    rr_string path;
} rr_file_sink;

/* A gRPC server inside the program, to which viewers connect. */
typedef struct rr_grpc_server_sink {
    rr_string bind_ip;
    uint16_t port;
    rr_string server_memory_limit;
    bool newest_first;
    const rr_string *cors_allow_origins;
    uint32_t num_cors_allow_origins;
} rr_grpc_server_sink;

typedef uint8_t rr_log_sink_kind;

enum {
    RR_LOG_SINK_KIND_GRPC = 0,
    RR_LOG_SINK_KIND_FILE = 1,
    RR_LOG_SINK_KIND_GRPC_SERVER = 2,
};

/* One destination of a stream; `kind` says which member of the union is meant. */
typedef struct rr_log_sink {
    rr_log_sink_kind kind;
    union {
        rr_grpc_sink grpc;
        rr_file_sink file;
        rr_grpc_server_sink grpc_server;
    };
} rr_log_sink;

/* --- Errors --------------------------------------------------------------- */

typedef uint32_t rr_error_code;

/* The entries that begin with an underscore mark groups and are never returned. */
enum {
    RR_ERROR_CODE_OK = 0,
    RR_ERROR_CODE_OUT_OF_MEMORY = 1,
    RR_ERROR_CODE_NOT_IMPLEMENTED = 2,
    RR_ERROR_CODE_SDK_VERSION_MISMATCH = 3,

    _RR_ERROR_CODE_CATEGORY_ARGUMENT = 0x10,
    RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT = 0x11,
    RR_ERROR_CODE_INVALID_STRING_ARGUMENT = 0x12,
    RR_ERROR_CODE_INVALID_ENUM_VALUE = 0x13,
    RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE = 0x14,
    RR_ERROR_CODE_INVALID_SOCKET_ADDRESS = 0x15,
    RR_ERROR_CODE_INVALID_COMPONENT_TYPE_HANDLE = 0x16,
    RR_ERROR_CODE_INVALID_TIME_ARGUMENT = 0x17,
    RR_ERROR_CODE_INVALID_TENSOR_DIMENSION = 0x18,
    RR_ERROR_CODE_INVALID_COMPONENT = 0x19,
    RR_ERROR_CODE_INVALID_SERVER_URL = 0x1a,
    RR_ERROR_CODE_FILE_READ = 0x1b,
    RR_ERROR_CODE_INVALID_MEMORY_LIMIT = 0x1c,

    _RR_ERROR_CODE_CATEGORY_RECORDING_STREAM = 0x100,
    RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE = 0x101,
    RR_ERROR_CODE_RECORDING_STREAM_CREATION_FAILURE = 0x102,
    RR_ERROR_CODE_RECORDING_STREAM_SAVE_FAILURE = 0x103,
    RR_ERROR_CODE_RECORDING_STREAM_STDOUT_FAILURE = 0x104,
    RR_ERROR_CODE_RECORDING_STREAM_SPAWN_FAILURE = 0x105,
    RR_ERROR_CODE_RECORDING_STREAM_CHUNK_VALIDATION_FAILURE = 0x106,
    RR_ERROR_CODE_RECORDING_STREAM_SERVE_GRPC_FAILURE = 0x107,
    RR_ERROR_CODE_RECORDING_STREAM_FLUSH_TIMEOUT = 0x108,
    RR_ERROR_CODE_RECORDING_STREAM_FLUSH_FAILURE = 0x109,

    _RR_ERROR_CODE_CATEGORY_ARROW = 0x1000,
    RR_ERROR_CODE_ARROW_FFI_SCHEMA_IMPORT_ERROR = 0x1001,
    RR_ERROR_CODE_ARROW_FFI_ARRAY_IMPORT_ERROR = 0x1002,

    _RR_ERROR_CODE_CATEGORY_UTILITIES = 0x10000,
    RR_ERROR_CODE_VIDEO_LOAD_ERROR = 0x10001,

    _RR_ERROR_CODE_CATEGORY_FILE_IO = 0x100000,
    RR_ERROR_CODE_FILE_OPEN_FAILURE = 0x100001,

    _RR_ERROR_CODE_CATEGORY_ARROW_CPP_STATUS = 0x10000000,
    RR_ERROR_CODE_UNKNOWN = 0x10000001,
};

/* Why a call failed. Give the address of one that begins as {0}, and look at `code` afterwards. */
typedef struct rr_error {
    rr_error_code code;
    char description[2048]; /* NUL-terminated UTF-8: the function, the cause, the remedy */
} rr_error;

/* --- The library ---------------------------------------------------------- */

/* The version of Rerun whose C interface this header declares. */
#define RERUN_SDK_HEADER_VERSION "0.41.0"

/*
 * Returns the version of Rerun that the library stands in for: RERUN_SDK_HEADER_VERSION, or
 * LASTWORD_RERUN_VERSION from the environment for programs built against another header (the C++
 * SDK compares the two). Static memory; the same answer for the life of the process.
 */
const char *rr_version_string(void);

/* Returns the bits of the half-precision number nearest to `value`, ties to even. */
uint16_t rr_f16_from_f32(float value);

/* Starts a viewer. Not implemented. */
void rr_spawn(const rr_spawn_options *options, rr_error *error);

/*
 * Registers a component type. Registering the same descriptor and type again gives the same handle.
 * The schema is released before the call returns, also when it fails. Allocates.
 * Returns the handle, or RR_COMPONENT_TYPE_HANDLE_INVALID.
 * Errors: ARROW_FFI_SCHEMA_IMPORT_ERROR the schema is released or malformed, nests deeper than 8 or
 * has more than 64 fields; NOT_IMPLEMENTED a dictionary, run-end encoding, or a type that this
 * library does not know; OUT_OF_MEMORY 4096 types are registered.
 */
rr_component_type_handle rr_register_component_type(rr_component_type component_type,
                                                    rr_error *error);

/* --- Streams -------------------------------------------------------------- */

/*
 * Makes a recording stream. Rows go to the session that LASTWORD_SESSION names, or to a new one.
 * default_enabled: whether the stream logs at all; the variable RERUN (1, on, true, 0, off, false)
 * overrides it. A stream that is not enabled accepts every call and writes nothing.
 * send_properties: also log the time of this call on /__properties.
 * An empty recording id means LASTWORD_RECORDING_ID for the first recording that a program makes,
 * else a random one. Allocates.
 * Returns the handle, or 0. Errors: INVALID_ENUM_VALUE the store kind;
 * RECORDING_STREAM_CREATION_FAILURE no session directory can be used or made, the spool is full, or
 * the process has 65536 streams that are not freed.
 */
rr_recording_stream rr_recording_stream_new(const rr_store_info *store_info, bool default_enabled,
                                            bool send_properties, rr_error *error);

/*
 * Ends a stream: its handle is invalid from now on. Where it is the current one it stays that until
 * another takes its place. Rows that it has logged are safe already. Where it has files, waits
 * until they are complete, LASTWORD_FLUSH_TIMEOUT (2 s) at most, and not at all where nobody serves
 * the session. Does nothing for the special handles and for streams that do not exist.
 */
void rr_recording_stream_free(rr_recording_stream stream);

/*
 * Makes a stream the current one of the process, or of the calling thread; of the recordings or of
 * the blueprints. A handle that does not exist means: none. Forked children inherit both (the
 * thread that forks is theirs); exec'd programs find the process's one through the shim.
 */
void rr_recording_stream_set_global(rr_recording_stream stream, rr_store_kind store_kind);
void rr_recording_stream_set_thread_local(rr_recording_stream stream, rr_store_kind store_kind);

/* Returns whether rows of this stream are written. */
bool rr_recording_stream_is_enabled(rr_recording_stream stream, rr_error *error);

/*
 * Replaces the destinations of a stream by files and viewers, 16 at most; 0: none, then rows go to
 * the recording of `lastword run` alone, as they always do. Files are as in
 * rr_recording_stream_save, and those that the stream had before are finished: this waits until
 * they are complete, LASTWORD_FLUSH_TIMEOUT (2 s) at most. Viewers are only noted: nothing is sent
 * to them yet. On error nothing has changed, but for files that were made.
 * Errors: NOT_IMPLEMENTED there is a RR_LOG_SINK_KIND_GRPC_SERVER among them; INVALID_ENUM_VALUE;
 * INVALID_SERVER_URL; those of rr_recording_stream_save; RECORDING_STREAM_RUNTIME_FAILURE too many.
 */
void rr_recording_stream_set_sinks(rr_recording_stream stream, rr_log_sink *sinks,
                                   uint32_t num_sinks, rr_error *error);

/*
 * Names a viewer as the one destination: rerun+http://HOST[:PORT]/proxy, rerun+https, rerun; empty
 * is rerun+http://127.0.0.1:9876/proxy. It is not called, and nothing is sent to it yet: reports
 * tell that it was asked for. Otherwise as rr_recording_stream_set_sinks.
 * Errors: INVALID_SERVER_URL.
 */
void rr_recording_stream_connect_grpc(rr_recording_stream stream, rr_string url, rr_error *error);

/* Other destinations. Not implemented. */
void rr_recording_stream_serve_grpc(rr_recording_stream stream, rr_string bind_ip, uint16_t port,
                                    rr_string server_memory_limit, bool newest_first,
                                    const rr_string *cors_allow_origins,
                                    uint32_t num_cors_allow_origins, rr_error *error);
void rr_recording_stream_spawn(rr_recording_stream stream, const rr_spawn_options *options,
                               rr_error *error);
void rr_recording_stream_stdout(rr_recording_stream stream, rr_error *error);

/*
 * Names the file that the recording is to be saved in, relative to the present directory. The file
 * is made if there is none, so that a bad path is known now, but it is written by `lastword run`,
 * or by `lastword deliver`, and an older file is replaced only once the new one is whole: when the
 * stream is freed or gets other destinations, and again at the end of the run where more has come.
 * Forked children that inherit the stream log to the same file. Replaces what was named before, as
 * rr_recording_stream_set_sinks does.
 * Errors: RECORDING_STREAM_SAVE_FAILURE the path cannot be opened for writing, or is not a regular
 * file.
 */
void rr_recording_stream_save(rr_recording_stream stream, rr_string path, rr_error *error);

/*
 * Waits until all rows that this process has logged are in a recording on disk, at most timeout_sec
 * seconds. No row depends on it: rows outlive the process without. Returns at once when nobody
 * reads the session yet. Does nothing for streams that do not exist.
 * Errors: INVALID_TIME_ARGUMENT the time is negative or not a number (infinity means 49 days);
 * RECORDING_STREAM_FLUSH_TIMEOUT the time is over; RECORDING_STREAM_FLUSH_FAILURE.
 */
void rr_recording_stream_flush_blocking(rr_recording_stream stream, float timeout_sec,
                                        rr_error *error);

/* --- Times ---------------------------------------------------------------- */

/*
 * Sets the time at which the calling thread's next rows of this stream stand on a timeline, until
 * it is set again. A forked child starts with the times of the thread that forked.
 * timeline: at most 255 bytes; a thread can have 32 at once, all its streams together.
 * Errors: INVALID_ENUM_VALUE the type; RECORDING_STREAM_RUNTIME_FAILURE too many timelines.
 */
void rr_recording_stream_set_time(rr_recording_stream stream, rr_string timeline,
                                  rr_time_type time_type, int64_t value, rr_error *error);

/* Takes a timeline out of the calling thread's next rows of this stream. */
void rr_recording_stream_disable_timeline(rr_recording_stream stream, rr_string timeline,
                                          rr_error *error);

/* Takes all timelines out of the calling thread's next rows of this stream. */
void rr_recording_stream_reset_time(rr_recording_stream stream);

/*
 * Whether each row of this stream gets a number on the timeline log_tick (off until called, or
 * RERUN_LOG_TICK), and the time of the call on log_time (on until called, or RERUN_LOG_TIME). Do
 * nothing for streams that do not exist.
 */
void rr_recording_stream_set_log_tick_enabled(rr_recording_stream stream, bool enabled);
void rr_recording_stream_set_log_time_enabled(rr_recording_stream stream, bool enabled);

/* --- Rows ----------------------------------------------------------------- */

/*
 * Logs one row. When it returns without an error the row outlives the process.
 * inject_time: give it the thread's times, log_time and log_tick; false makes it static.
 * Every array is released before the call returns, also when it fails. A component that comes twice
 * counts as it comes last. Does not allocate. May be called in a signal handler.
 * Errors: INVALID_COMPONENT_TYPE_HANDLE; ARROW_FFI_ARRAY_IMPORT_ERROR an array is released or does
 * not fit its component's type; INVALID_COMPONENT more than 256 components, one above 512 MiB, or
 * all above 1 GiB; RECORDING_STREAM_RUNTIME_FAILURE the session or its spool is full or gone.
 */
void rr_recording_stream_log(rr_recording_stream stream, rr_data_row data_row, bool inject_time,
                             rr_error *error);

/* Log a file in any format that Rerun knows. Not implemented. */
void rr_recording_stream_log_file_from_path(rr_recording_stream stream, rr_string path,
                                            rr_string entity_path_prefix, bool static_,
                                            rr_error *error);
void rr_recording_stream_log_file_from_contents(rr_recording_stream stream, rr_string path,
                                                rr_bytes contents, rr_string entity_path_prefix,
                                                bool static_, rr_error *error);

/*
 * Logs many rows of one entity at once: row i has time i of each time column, and list i of each
 * component column as its instances. Where the list is null the component is not logged in that
 * row; a row of which all are null is none. The thread's times, log_time and log_tick play no part;
 * without time columns the rows are static. Every array is released before the call returns, also
 * when it fails. A component that comes twice counts as it comes last. Allocates nothing but the
 * names of timelines.
 * Errors: all of rr_recording_stream_log, and UNEXPECTED_NULL_ARGUMENT; INVALID_STRING_ARGUMENT;
 * INVALID_ENUM_VALUE a timeline's type; INVALID_TIME_ARGUMENT more than 32 time columns;
 * RECORDING_STREAM_CHUNK_VALIDATION_FAILURE columns of different lengths, or a timeline twice. All
 * but RECORDING_STREAM_RUNTIME_FAILURE come before the first row: none is logged then. After that
 * one, the rows before the one that failed are.
 */
void rr_recording_stream_send_columns(rr_recording_stream stream, rr_string entity_path,
                                      rr_time_column *time_columns, uint32_t num_time_columns,
                                      rr_component_column *component_columns,
                                      uint32_t num_component_columns, rr_error *error);

/* --- Utilities ------------------------------------------------------------ */

/* Reads the times of the frames of a video. Not implemented; returns NULL. */
int64_t *rr_video_asset_read_frame_timestamps_nanos(
    const uint8_t *video_bytes, uint64_t video_bytes_len, rr_string media_type, void *alloc_context,
    int64_t *(*alloc_func)(void *context, uint32_t num_timestamps), rr_error *error);

/*
 * Returns one part of an entity path with everything escaped that would not stand for itself, to be
 * freed by _rr_free_string; NULL when the part is not valid or memory is short. Characters beyond
 * ASCII stay as they are. Allocates.
 */
char *_rr_escape_entity_path_part(rr_string part);

/* Frees what _rr_escape_entity_path_part returned. NULL does nothing. */
void _rr_free_string(char *string);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* RERUN_H */
