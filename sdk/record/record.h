/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What stands in a spool record: kinds, payload layouts, and the checks that a reader must make.
 *
 * This header is the contract between the writers (SDK, shim) and the reader (courier). All numbers
 * are in the machine's own byte order: a spool never leaves its machine. Every payload and every
 * part of one is padded with zeros to a multiple of 8 bytes.
 */
#pragma once

#include "sdk/record/datatype.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Values are part of the spool format: never renumber. */
enum record_kind {
    RECORD_PAD = 0,                /* closes a block: nothing follows it there */
    RECORD_ROW = 1,                /* struct record_row */
    RECORD_FRAGMENT_FIRST = 2,     /* struct record_fragment: begins a record larger than a block */
    RECORD_FRAGMENT_NEXT = 3,      /* struct record_fragment: continues it */
    RECORD_FRAGMENT_ABANDONED = 4, /* a FIRST whose writer gave up (spool full): skip it */
    RECORD_SIDE_FILE = 5,          /* struct record_side_file: a record too large for the spool */
    RECORD_PROCESS_START = 16,     /* struct record_process_start */
    RECORD_PROCESS_END = 17,       /* struct record_process_end */
    RECORD_PROCESS_END_CANCELLED = 18, /* no payload: the exec announced by the last END failed */
    RECORD_CHILD_ENDED = 19,           /* struct record_child_ended */
    RECORD_NOTE = 20,                  /* struct record_note */
    RECORD_UNCOVERED = 21,             /* struct record_uncovered */
    RECORD_FINISH_SINK = 22,           /* struct record_finish_sink */
    RECORD_BLUEPRINT = 23,             /* struct record_blueprint */
    RECORD_DEFINE_RECORDING = 32,      /* struct record_recording; definition blocks only */
    RECORD_DEFINE_COMPONENT = 33,      /* struct record_component; definition blocks only */
};

/* --- Definitions: appended once, family-wide, to blocks that are never recycled. -------------- */

/*
 * A recording as one stream sees it. A stream whose sink changes gets a new definition with the
 * same store, so each row says by its recording id where it belongs and where it goes. Followed by
 * application id, recording id, sinks, in this order, unterminated, then padding.
 *
 * The sinks are a list, its entries separated by NULs: each is the absolute path of a file, or the
 * URL of a viewer (record_sink_kind). An empty list: the rows go into the session's recording
 * alone.
 */
struct record_recording {
    uint32_t id;                  /* unique within the family, never 0 */
    uint32_t store_kind;          /* 1 recording, 2 blueprint */
    uint32_t previous_id;         /* the definition that this one replaces in its stream; 0 none */
    uint32_t flags;               /* RECORDING_* */
    uint64_t time_ns;             /* CLOCK_REALTIME of rr_recording_stream_new */
    uint16_t application_id_size; /* 1..RECORD_MAX_ID */
    uint16_t recording_id_size;   /* 1..RECORD_MAX_ID */
    uint16_t sinks_size;          /* 0..RECORD_MAX_SINKS_SIZE */
    uint16_t reserved;            /* 0 */
};
#define RECORD_MAX_ID             512
#define RECORD_MAX_SINKS          16   /* entries */
#define RECORD_MAX_SINKS_SIZE     8192 /* bytes of all, with what separates them */
#define RECORD_MAX_SINK           4095 /* bytes of one */
#define RECORDING_SEND_PROPERTIES 1u   /* log RecordingInfo:start_time = time_ns on /__properties */

/*
 * A component type: descriptor and Arrow type. Ids below RECORD_FIRST_COMPONENT_ID are the built-in
 * ones of sdk/record/builtin.def and need no definition. Followed by n_nodes struct datatype_node,
 * then archetype, component, component type (as in "rerun.archetypes.TextLog", "TextLog:text",
 * "rerun.components.Text"), then padding.
 */
struct record_component {
    uint32_t id;                  /* unique within the family */
    uint32_t n_nodes;             /* 1..DATATYPE_MAX_NODES */
    uint16_t archetype_size;      /* 0 none */
    uint16_t component_size;      /* 1..RECORD_MAX_ID */
    uint16_t component_type_size; /* 0 none */
    uint16_t reserved;            /* 0 */
};
#define RECORD_FIRST_COMPONENT_ID 1024u

/* --- Rows ------------------------------------------------------------------------------------- */

/*
 * One logged row. Layout of the payload:
 *
 *     struct record_row
 *     signature: n_components x u32 component id
 *                n_timelines x { u16 type (rr_time_type), u16 name size, name }
 *                entity path as the program gave it (not yet normalised), entity_path_size bytes
 *                zeros up to a multiple of 8
 *     n_timelines x i64 time value, in the order of the signature
 *     n_components x { struct record_batch, data }
 *
 * The bytes from the start of the payload to the end of the signature are the row's key: rows of
 * one process with equal keys have the same columns and can share a chunk. The record's own time is
 * log_time.
 */
struct record_row {
    uint32_t recording_id;
    uint16_t n_timelines;      /* 0..RECORD_MAX_TIMELINES, log_time not counted */
    uint16_t n_components;     /* 1..RECORD_MAX_COMPONENTS */
    uint32_t signature_size;   /* bytes, multiple of 8 */
    uint16_t entity_path_size; /* 0 is the root */
    uint16_t flags;            /* ROW_* */
};
#define ROW_STATIC             1u /* no timelines at all, n_timelines is 0 */
#define ROW_LOG_TIME           2u /* the record's time goes to the timeline log_time */
#define RECORD_MAX_TIMELINES   64
#define RECORD_MAX_COMPONENTS  256
#define RECORD_MAX_ENTITY_PATH 4096

/*
 * One component batch of a row; `size` bytes of data follow. The data are the buffers of an Arrow
 * array of n_instances values of the component's type, node by node in preorder, each buffer padded
 * to 8:
 *
 *     [validity bitmap, ceil(n/8) bytes, only if BATCH_HAS_NULLS, then for every node that is
 *     nullable and no union]
 *     fixed width: n values        bool: bitmap of ceil(n/8) bytes (bits beyond n are 0)
 *     utf8, binary and their relatives: n+1 u32 offsets from 0, then the bytes
 *     list, its relatives, map: n+1 u32 offsets from 0, then the child with n = last offset
 *     fixed-size list: the child with n * param values    struct: each child with n values
 *     dense union: n u8 codes, n u32 offsets, then each child with as many values as the largest
 *         of its offsets says, plus one
 *     sparse union: n u8 codes, then each child with n values
 *     null: nothing
 */
struct record_batch {
    uint32_t size;        /* bytes of data, multiple of 8 */
    uint32_t n_instances; /* low 31 bits; BATCH_HAS_NULLS in the highest */
};
#define BATCH_HAS_NULLS 0x80000000u

/* Part of a record that did not fit into one block; `size` bytes of it follow this header. */
struct record_fragment {
    uint32_t message;    /* number of the whole record, unique within the process */
    uint32_t size;       /* bytes in this fragment */
    uint64_t offset;     /* of these bytes in the whole payload; 0 in FIRST */
    uint64_t total_size; /* bytes of the whole payload */
    uint32_t kind;       /* enum record_kind of the whole record */
    uint32_t reserved;   /* 0 */
};

/* A record whose payload lies in a file of the session directory; its name follows, name_size
 * bytes. */
struct record_side_file {
    uint64_t size;      /* bytes of the payload in the file */
    uint32_t kind;      /* enum record_kind of the payload: RECORD_ROW, RECORD_BLUEPRINT */
    uint32_t name_size; /* 1..255, no '/' */
};

/* --- Blueprints (written by the library for Python) --------------------------------------------
 */

/*
 * How a viewer should show a recording, as the official SDK's core made it. Followed by `size`
 * bytes, a whole recording (.rrd) that holds one blueprint store and no command, then padding.
 */
struct record_blueprint {
    uint32_t recording_id; /* of the definition through which it is sent */
    uint32_t flags;        /* BLUEPRINT_* */
    uint64_t size;         /* 1..RECORD_MAX_BLUEPRINT */
};
#define BLUEPRINT_MAKE_ACTIVE  1u /* as the official SDK's functions mean it */
#define BLUEPRINT_MAKE_DEFAULT 2u
#define RECORD_MAX_BLUEPRINT   (UINT64_C(64) << 20)

/* --- Lives of processes (written by the shim) ------------------------------------------------- */

enum process_made_by {
    MADE_BY_UNKNOWN = 0,
    MADE_BY_EXEC = 1, /* a new image: exec, posix_spawn, or the program that `run` started */
    MADE_BY_FORK = 2,
    MADE_BY__FORK = 3, /* _Fork, and raw clone seen at the child's first call */
    MADE_BY_DAEMON = 4,
};

/*
 * A process, or a new image in it after exec. The record's time is that of the fork, read in the
 * parent, where the shim saw the call: siblings sort by birth. Followed by executable (as
 * /proc/self/exe says) and the arguments, each NUL-terminated, args_size bytes in all (cut at
 * RECORD_MAX_ARGS), then padding.
 */
struct record_process_start {
    uint32_t pid;
    uint32_t parent_pid;
    uint32_t made_by; /* enum process_made_by */
    uint32_t flags;   /* START_* */
    uint16_t executable_size;
    uint16_t reserved; /* 0 */
    uint32_t args_size;
};
#define RECORD_MAX_ARGS 4096
#define START_ARGS_CUT  1u /* the arguments were longer */

enum process_end_kind {
    END_UNKNOWN = 0,
    END_RETURN = 1,     /* destructors ran and no exit call was seen: return from main */
    END_EXIT = 2,       /* exit(status) */
    END__EXIT = 3,      /* _exit(status) */
    END__EXIT_C99 = 4,  /* _Exit(status) */
    END_QUICK_EXIT = 5, /* quick_exit(status) */
    END_ABORT = 6,      /* abort() */
    END_EXEC = 7,       /* an exec function was entered; followed by END_CANCELLED if it failed */
    END_SIGNAL = 8, /* status = signal number; from wait status, never written by the shim here */
    END_DAEMON = 9, /* the process that daemon() leaves behind */
};

/*
 * How a process ended, from inside. Followed by stack_size raw bytes of the stack from the stack
 * pointer on, as they were at the call, then padding. For exec, text_size bytes with the path of
 * the new program follow first.
 */
struct record_process_end {
    uint32_t kind;  /* enum process_end_kind */
    int32_t status; /* exit status as passed; 0 for return (not known inside), abort and exec */
    uint64_t pc;    /* return address: where the call was made */
    uint64_t sp;
    uint64_t fp;
    uint32_t stack_size; /* 0..RECORD_MAX_STACK */
    uint32_t text_size;  /* 0..4096 */
};
#define RECORD_MAX_STACK 4096

/* What a wait function told a parent about its child. */
struct record_child_ended {
    uint32_t pid;
    int32_t wait_status; /* as waitpid gives it */
};

enum note_kind {
    NOTE_PROVIDER = 1,    /* what is made safe in this process: "stdio", "rerun-sdk 0.41.0" */
    NOTE_NOT_COVERED = 2, /* what cannot be, and why: "rerun-sdk 0.99.0: unknown version" */
    NOTE_TIMED_OUT = 3,   /* the provider whose flush outlived LASTWORD_FLUSH_TIMEOUT: "stdio" */
    NOTE_VIEWER = 4,      /* URL of a viewer that the process asked for, and that got nothing */
};

/*
 * A fact about the process that reports tell. Followed by text_size bytes of UTF-8, unterminated,
 * then padding. A reader skips kinds that it does not know.
 */
struct record_note {
    uint16_t kind;      /* enum note_kind */
    uint16_t text_size; /* 1..RECORD_MAX_NOTE */
    uint32_t reserved;  /* 0 */
};
#define RECORD_MAX_NOTE 1024

/*
 * The program ends with the files of a stream for now: whoever opens them next should find all rows
 * that this thread has logged before. The courier leaves its reading position before this record
 * until the files are written, so that it is known when that has happened.
 */
struct record_finish_sink {
    uint32_t recording_id; /* of the definition that names the files */
    uint32_t reserved;     /* 0 */
};

/* Why the shim is not in a program. Values are part of the format. */
enum uncovered_reason {
    UNCOVERED_NOT = 0, /* takes back what was said of the pid: its exec failed, or it ended as the
                          vfork child that it was */
    UNCOVERED_UNKNOWN = 1,
    UNCOVERED_STATIC = 2,   /* no dynamic loader: nobody reads LD_PRELOAD */
    UNCOVERED_GO = 3,       /* the same, built by Go */
    UNCOVERED_LOADER = 4,   /* a dynamic loader of another name, as musl's: another C library */
    UNCOVERED_MACHINE = 5,  /* another class, byte order or machine: a 32-bit program */
    UNCOVERED_SETUID = 6,   /* setuid, setgid or file capabilities: the loader ignores LD_PRELOAD */
    UNCOVERED_DISABLED = 7, /* LASTWORD_DISABLE in its environment */
    UNCOVERED_SESSION = 8,  /* another LASTWORD_SESSION in its environment */
    UNCOVERED_NO_SHIM = 9,  /* `run --no-shim` */
    UNCOVERED_ACCESS = 10,  /* another user, who may not read the shim: its loader would complain */
};

/*
 * A process that becomes a program which the shim will not enter; told by the process itself before
 * its exec, or by its parent, in whose memory a vfork child lives. A forecast: a program that
 * appears all the same refutes it. Followed by path_size bytes of the program's path, unterminated,
 * then padding.
 */
struct record_uncovered {
    uint32_t pid;
    uint16_t reason;    /* enum uncovered_reason */
    uint16_t path_size; /* 0..4096 */
};

/* --- Views: a payload that was checked ---------------------------------------------------------
 */

struct record_timeline_view {
    uint16_t type;
    uint16_t name_size;
    const char *name; /* not terminated */
    int64_t value;
};

struct record_batch_view {
    uint32_t component_id;
    uint32_t n_instances;
    bool has_nulls;
    uint32_t size;    /* bytes of data */
    const void *data; /* aligned to 8 if the payload is; not yet checked against the type */
};

struct record_row_view {
    const struct record_row *head;
    const void *key; /* start of the payload */
    size_t key_size;
    const char *entity_path; /* head->entity_path_size bytes */
    size_t n_timelines;
    size_t n_batches;
    struct record_timeline_view timelines[RECORD_MAX_TIMELINES];
    struct record_batch_view batches[RECORD_MAX_COMPONENTS];
};

/*
 * Checks the payload of a RECORD_ROW and fills `view` with pointers into it.
 * The payload must stay as it is while the view is used: copy it out of shared memory first, or
 * trust nothing that is read twice. Returns 0, or -EBADMSG when any size or count does not add up;
 * `view` is undefined then.
 */
__attribute__((warn_unused_result)) int record_row_parse(const void *payload, size_t size,
                                                         struct record_row_view *view);

/*
 * Checks the data of one batch against its type: every buffer lies inside, offsets begin at 0 and
 * never fall, the data are used up exactly, nulls stand only where the type allows them. Does not
 * check UTF-8. Returns 0, or -EBADMSG.
 */
__attribute__((warn_unused_result)) int record_batch_check(const struct record_batch_view *batch,
                                                           const struct datatype_node *nodes);

struct record_recording_view {
    const struct record_recording *head;
    const char *application_id, *recording_id, *sinks; /* sizes in head, not terminated */
};

struct record_component_view {
    const struct record_component *head;
    const struct datatype_node *nodes;                  /* passed datatype_check */
    const char *archetype, *component, *component_type; /* sizes in head, not terminated */
};

struct record_note_view {
    const struct record_note *head;
    const char *text; /* head->text_size bytes, not terminated, not yet checked to be UTF-8 */
};

struct record_blueprint_view {
    const struct record_blueprint *head;
    const char *bytes; /* head->size of them, not yet checked to be a recording */
};

/* As record_row_parse, for notes, blueprints, and the two definitions. Return 0, or -EBADMSG. */
__attribute__((warn_unused_result)) int record_note_parse(const void *payload, size_t size,
                                                          struct record_note_view *view);
__attribute__((warn_unused_result)) int record_blueprint_parse(const void *payload, size_t size,
                                                               struct record_blueprint_view *view);
__attribute__((warn_unused_result)) int record_recording_parse(const void *payload, size_t size,
                                                               struct record_recording_view *view);
__attribute__((warn_unused_result)) int record_component_parse(const void *payload, size_t size,
                                                               struct record_component_view *view);

/* --- Sinks -------------------------------------------------------------------------------------
 */

enum record_sink_kind {
    RECORD_SINK_NONE = 0, /* neither: to be ignored, the rows are in the recording anyway */
    RECORD_SINK_FILE,     /* "/..." */
    RECORD_SINK_VIEWER,   /* "rerun+http://...", "rerun+https://...", "rerun://..." */
};

/* An entry of a list of sinks: a part of it, not terminated, without NUL. */
struct record_sink {
    const char *bytes;
    size_t size;
};

/*
 * Takes the next entry, which may be empty, off a list of `*size` bytes at `*list`, and moves both
 * behind it. False at the end. Knows no limit.
 */
bool record_sinks_next(const char **list, size_t *size, struct record_sink *ret_sink);

/* Tells what an entry is, as far as its beginning and its size say so. */
enum record_sink_kind record_sink_kind(struct record_sink sink);

/* Tells whether an entry of the list is of that kind. */
bool record_sinks_have(const char *list, size_t size, enum record_sink_kind kind);
