/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table of streams: chunks that are mapped when needed and never go away, filled from the
 * front.
 *
 * May run in signal handlers and in children made by any kind of fork: no lock, no heap. The table
 * belongs to the process; a forked child owns its own copy.
 */
#include "sdk/stream.h"

#include "sdk/arena.h"
#include "sdk/environment.h"
#include "sdk/error.h"
#include "sdk/spool/spool.h"
#include "sdk/thread_storage.h"

#include <errno.h>
#include <time.h>

#define CHUNK_STREAMS 256u
#define N_KINDS       3 /* RR_STORE_KIND_*, from 1 */

static _Atomic(struct stream *) chunks[STREAM_MAX / CHUNK_STREAMS];
static _Atomic uint32_t n_streams;
static _Atomic bool has_made_recording; /* by a call that makes one */
static _Atomic bool has_chosen;         /* by such a call, or by one that sets the current one */
static _Atomic(struct stream *) global_streams[N_KINDS];
static _Thread_local struct stream *thread_streams[N_KINDS] SDK_THREAD_STORAGE;

/* --- The table ------------------------------------------------------------ */

static struct stream *chunk_of(uint32_t index)
{
    _Atomic(struct stream *) *place = &chunks[index / CHUNK_STREAMS];
    struct stream *chunk = atomic_load_explicit(place, memory_order_acquire);

    if (!chunk) {
        struct stream *made = arena_allocate(CHUNK_STREAMS * sizeof(*made));

        /* Where another thread was faster its chunk serves, and ours is lost. */
        if (made && atomic_compare_exchange_strong(place, &chunk, made))
            chunk = made;
    }
    return chunk;
}

struct stream *stream_at(rr_recording_stream handle)
{
    uint32_t index = handle - 1;
    struct stream *chunk;

    if (index >= STREAM_MAX)
        return NULL;
    chunk = atomic_load_explicit(&chunks[index / CHUNK_STREAMS], memory_order_acquire);
    if (!chunk ||
        !atomic_load_explicit(&chunk[index % CHUNK_STREAMS].recording, memory_order_acquire))
        return NULL;
    return &chunk[index % CHUNK_STREAMS];
}

static const char *keep_id(struct text id)
{
    char *copy = arena_allocate(id.size + 1);

    if (copy)
        memcpy(copy, id.bytes, id.size);
    return copy;
}

static struct stream *add(const struct record_recording *recording, struct text id, bool is_enabled)
{
    const char *recording_id = keep_id(id);
    uint32_t index = atomic_load(&n_streams);
    struct stream *stream;

    do {
        if (!recording_id || index >= STREAM_MAX || !chunk_of(index))
            return NULL;
    } while (!atomic_compare_exchange_weak(&n_streams, &index, index + 1));
    stream = &chunk_of(index)[index % CHUNK_STREAMS];
    stream->recording_id = recording_id;
    stream->handle = index + 1;
    stream->is_enabled = is_enabled;
    stream->has_log_time = environment_switch("RERUN_LOG_TIME", true);
    stream->has_log_tick = environment_switch("RERUN_LOG_TICK", false);
    atomic_store_explicit(&stream->recording, recording, memory_order_release);
    return stream;
}

/* --- Making streams ------------------------------------------------------- */

/* How a stream is made. */
struct manner {
    bool is_enabled;
    bool makes_session; /* where none is named */
};

static int define(const struct recording_spec *spec, struct manner manner,
                  const struct record_recording **ret_recording)
{
    int result;

    if (!manner.is_enabled)
        return recording_keep(spec, ret_recording);
    result = lastword_spool_v1.open(manner.makes_session);
    return result < 0 ? result : recording_define(spec, ret_recording);
}

static bool create(const struct argument_call *call, const struct recording_spec *spec,
                   struct manner manner, struct stream **ret_stream)
{
    const struct record_recording *recording = NULL;
    struct recording_spec stamped = *spec;
    struct timespec now;
    int result;

    clock_gettime(CLOCK_REALTIME, &now);
    stamped.time_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    result = define(&stamped, manner, &recording);
    if (result < 0)
        return error_set_spool(call->error, RR_ERROR_CODE_RECORDING_STREAM_CREATION_FAILURE,
                               call->function, result);
    *ret_stream = add(recording, spec->recording_id, manner.is_enabled);
    if (*ret_stream)
        return true;
    return error_set(call->error, RR_ERROR_CODE_RECORDING_STREAM_CREATION_FAILURE,
                     "%s: this process has made %u streams, or memory is short: use a stream again",
                     call->function, STREAM_MAX);
}

bool stream_create(const struct argument_call *call, const struct recording_spec *spec,
                   bool is_enabled, struct stream **ret_stream)
{
    if (!create(call, spec, (struct manner){is_enabled, true}, ret_stream))
        return false;
    atomic_store(&has_chosen, true);
    if (spec->store_kind == RR_STORE_KIND_RECORDING)
        atomic_store(&has_made_recording, true);
    return true;
}

bool stream_is_first_recording(void)
{
    return !atomic_exchange(&has_made_recording, true);
}

/* What exec'd programs should find. */
static void announce(const struct stream *stream)
{
    lastword_spool_v1.set_recording(stream && stream->is_enabled ? atomic_load(&stream->recording)
                                                                 : NULL);
}

int stream_replace(struct stream *stream, struct text sinks,
                   const struct record_recording **ret_replaced)
{
    const struct record_recording *present = atomic_load(&stream->recording);
    const struct record_recording *replacement;
    struct recording_spec spec;

    do {
        int result;

        recording_describe(present, &spec);
        spec.sinks = sinks;
        result = recording_define(&spec, &replacement);
        if (result < 0)
            return result;
    } while (!atomic_compare_exchange_strong(&stream->recording, &present, replacement));
    if (atomic_load(&global_streams[RR_STORE_KIND_RECORDING]) == stream)
        announce(stream);
    *ret_replaced = present;
    return 0;
}

/* --- The current ones ----------------------------------------------------- */

static bool is_kind(rr_store_kind store_kind)
{
    return store_kind >= RR_STORE_KIND_RECORDING && store_kind < N_KINDS;
}

void stream_set_global(struct stream *stream, rr_store_kind store_kind)
{
    if (!is_kind(store_kind))
        return;
    atomic_store(&has_chosen, true);
    atomic_store_explicit(&global_streams[store_kind], stream, memory_order_release);
    if (store_kind == RR_STORE_KIND_RECORDING)
        announce(stream);
}

void stream_set_thread_local(struct stream *stream, rr_store_kind store_kind)
{
    if (!is_kind(store_kind))
        return;
    atomic_store(&has_chosen, true);
    thread_streams[store_kind] = stream;
}

/*
 * An exec'd program that never chose a recording: it is that of who started it. Where two threads
 * come here at once both make a stream of the same recording, and one of them stays.
 */
__attribute__((cold)) static bool adopt(const struct argument_call *call,
                                        struct stream **ret_stream)
{
    const char *recording_id = environment_text("LASTWORD_RECORDING_ID");
    const char *application_id = environment_text("LASTWORD_APPLICATION_ID");
    struct recording_spec spec = {.store_kind = RR_STORE_KIND_RECORDING};
    struct stream *nobody = NULL;

    *ret_stream = NULL;
    if (atomic_load(&has_chosen) || !recording_id || !environment_text("LASTWORD_SESSION"))
        return true;
    if (!application_id)
        application_id = program_invocation_short_name;
    if (!argument_check_text(call, "LASTWORD_RECORDING_ID", recording_id, strlen(recording_id),
                             ARGUMENT_REQUIRED, RECORD_MAX_ID, &spec.recording_id) ||
        !argument_check_text(call, "LASTWORD_APPLICATION_ID", application_id,
                             strlen(application_id), ARGUMENT_REQUIRED, RECORD_MAX_ID,
                             &spec.application_id) ||
        !create(call, &spec, (struct manner){environment_switch("RERUN", true), false}, ret_stream))
        return false;
    if (atomic_compare_exchange_strong(&global_streams[RR_STORE_KIND_RECORDING], &nobody,
                                       *ret_stream))
        announce(*ret_stream);
    else
        *ret_stream = nobody;
    return true;
}

struct stream *stream_global(rr_store_kind store_kind)
{
    return atomic_load_explicit(&global_streams[store_kind], memory_order_acquire);
}

struct stream *stream_thread_local(rr_store_kind store_kind)
{
    return thread_streams[store_kind];
}

struct stream *stream_present(rr_store_kind store_kind)
{
    struct stream *own = stream_thread_local(store_kind);

    return own ? own : stream_global(store_kind);
}

static bool find_current(const struct argument_call *call, rr_store_kind store_kind,
                         struct stream **ret_stream)
{
    *ret_stream = stream_present(store_kind);
    if (*ret_stream || store_kind != RR_STORE_KIND_RECORDING)
        return true;
    return adopt(call, ret_stream);
}

bool stream_find(const struct argument_call *call, rr_recording_stream handle,
                 struct stream **ret_stream)
{
    if (handle == RR_REC_STREAM_CURRENT_RECORDING)
        return find_current(call, RR_STORE_KIND_RECORDING, ret_stream);
    if (handle == RR_REC_STREAM_CURRENT_BLUEPRINT)
        return find_current(call, RR_STORE_KIND_BLUEPRINT, ret_stream);
    *ret_stream = stream_at(handle);
    if (*ret_stream && !atomic_load_explicit(&(*ret_stream)->is_freed, memory_order_relaxed))
        return true;
    return error_set(call->error, RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE,
                     "%s: there is no stream %u, or it was freed: pass what "
                     "rr_recording_stream_new returned",
                     call->function, handle);
}

bool stream_find_current(const struct argument_call *call, struct stream **ret_stream)
{
    if (!find_current(call, RR_STORE_KIND_RECORDING, ret_stream))
        return false;
    if (*ret_stream)
        return true;
    return error_set(call->error, RR_ERROR_CODE_INVALID_RECORDING_STREAM_HANDLE,
                     "%s: there is no current recording: call lw_init first, or start the program "
                     "from one that did, under `lastword run`",
                     call->function);
}
