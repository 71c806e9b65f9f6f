/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table of streams: chunks that are mapped when needed and never go away, filled from the
 * front, then, where streams were freed, from the front again. Handles count on: place and round.
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
#define N_KINDS       3           /* RR_STORE_KIND_*, from 1 */
#define LAST_HANDLE   0xffff0000u /* above are the special ones */

static _Atomic(struct stream *) chunks[STREAM_MAX / CHUNK_STREAMS];
static _Atomic uint32_t n_places; /* that were ever used */
static _Atomic uint32_t next_reused;
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

struct stream *stream_in_place(uint32_t index)
{
    struct stream *chunk =
        atomic_load_explicit(&chunks[index / CHUNK_STREAMS], memory_order_acquire);

    return chunk ? &chunk[index % CHUNK_STREAMS] : NULL;
}

struct stream *stream_at(rr_recording_stream handle)
{
    struct stream *stream = handle != 0 ? stream_in_place((handle - 1) % STREAM_MAX) : NULL;

    return stream && atomic_load_explicit(&stream->handle, memory_order_acquire) == handle ? stream
                                                                                           : NULL;
}

/* Takes a place that was never used. ret_handle: the first of it. */
static struct stream *take_fresh(rr_recording_stream *ret_handle)
{
    uint32_t index = atomic_load(&n_places);

    do {
        if (index >= STREAM_MAX || !chunk_of(index))
            return NULL;
    } while (!atomic_compare_exchange_weak(&n_places, &index, index + 1));
    *ret_handle = index + 1;
    return stream_in_place(index);
}

static bool is_reusable(const struct stream *stream, rr_recording_stream handle)
{
    return handle != 0 && handle <= LAST_HANDLE - STREAM_MAX && atomic_load(&stream->is_freed) &&
           atomic_load(&stream->n_references) == 0;
}

/* Takes the place of a stream to which nothing refers. ret_handle: the next of it. */
static struct stream *take_used(rr_recording_stream *ret_handle)
{
    for (uint32_t i = 0; i < STREAM_MAX; i++) {
        struct stream *stream = stream_in_place(atomic_fetch_add(&next_reused, 1) % STREAM_MAX);
        rr_recording_stream handle = stream ? atomic_load(&stream->handle) : 0;

        if (stream && is_reusable(stream, handle) &&
            atomic_compare_exchange_strong(&stream->handle, &handle, 0)) {
            *ret_handle = handle + STREAM_MAX;
            return stream;
        }
    }
    return NULL;
}

/* --- Memory of a place ----------------------------------------------------- */

/* What a place keeps for the texts of its streams, so that these do not fill the arena. */
struct stream_memory {
    size_t size;
    char bytes[];
};

/* `size` zeroed bytes, those of the stream that was here before if they are enough. */
static void *take_memory(struct stream *stream, size_t size)
{
    if (!stream->memory || stream->memory->size < size) {
        struct stream_memory *memory = arena_allocate(sizeof(*memory) + size);

        if (!memory)
            return NULL;
        memory->size = size;
        stream->memory = memory;
    }
    memset(stream->memory->bytes, 0, stream->memory->size);
    return stream->memory->bytes;
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
    int result = lastword_spool_v1.open(manner.makes_session);

    return result < 0 ? result : recording_define(spec, ret_recording);
}

/* Keeps the id in the place, and, of a stream that is off (recording NULL), the definition. */
static bool keep(struct stream *stream, const struct recording_spec *spec,
                 const struct record_recording **recording)
{
    size_t own_size = *recording ? 0 : recording_size(spec);
    char *memory = take_memory(stream, own_size + spec->recording_id.size + 1);

    if (!memory)
        return false;
    memcpy(memory + own_size, spec->recording_id.bytes, spec->recording_id.size);
    stream->recording_id = memory + own_size;
    if (!*recording)
        *recording = recording_build(spec, memory);
    return true;
}

static void publish(struct stream *stream, rr_recording_stream handle,
                    const struct record_recording *recording, bool is_enabled)
{
    atomic_store(&stream->recording, recording);
    atomic_store(&stream->n_ticks, 0);
    stream->is_enabled = is_enabled;
    stream->has_log_time = environment_switch("RERUN_LOG_TIME", true);
    stream->has_log_tick = environment_switch("RERUN_LOG_TICK", false);
    atomic_store(&stream->n_references, 1);
    atomic_store(&stream->is_freed, false);
    atomic_store_explicit(&stream->handle, handle, memory_order_release);
}

/* Takes a place and fills it in; NULL: there is none, or memory is short. */
static struct stream *add(const struct recording_spec *spec,
                          const struct record_recording *recording, bool is_enabled)
{
    rr_recording_stream handle = 0;
    struct stream *stream = take_fresh(&handle);

    if (!stream)
        stream = take_used(&handle);
    if (!stream)
        return NULL;
    if (keep(stream, spec, &recording)) {
        publish(stream, handle, recording, is_enabled);
        return stream;
    }
    atomic_store(&stream->is_freed, true);
    atomic_store(&stream->handle, handle); /* the place is free again */
    return NULL;
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
    result = manner.is_enabled ? define(&stamped, manner, &recording) : 0;
    if (result < 0)
        return error_set_spool(call->error, RR_ERROR_CODE_RECORDING_STREAM_CREATION_FAILURE,
                               call->function, result);
    *ret_stream = add(&stamped, recording, manner.is_enabled);
    if (*ret_stream)
        return true;
    return error_set(call->error, RR_ERROR_CODE_RECORDING_STREAM_CREATION_FAILURE,
                     "%s: this process has %u streams, or memory is short: free some, or use a "
                     "stream again",
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

void stream_refer(struct stream *stream)
{
    if (stream)
        atomic_fetch_add(&stream->n_references, 1);
}

uint32_t stream_unrefer(struct stream *stream)
{
    return stream ? atomic_fetch_sub(&stream->n_references, 1) - 1 : 0;
}

void stream_free(struct stream *stream)
{
    if (!atomic_exchange(&stream->is_freed, true))
        stream_unrefer(stream);
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
    stream_refer(stream);
    stream_unrefer(atomic_exchange(&global_streams[store_kind], stream));
    if (store_kind == RR_STORE_KIND_RECORDING)
        announce(stream);
}

void stream_set_thread_local(struct stream *stream, rr_store_kind store_kind)
{
    if (!is_kind(store_kind))
        return;
    atomic_store(&has_chosen, true);
    stream_refer(stream);
    stream_unrefer(thread_streams[store_kind]);
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
    stream_refer(*ret_stream);
    if (atomic_compare_exchange_strong(&global_streams[RR_STORE_KIND_RECORDING], &nobody,
                                       *ret_stream)) {
        announce(*ret_stream);
    } else {
        stream_unrefer(*ret_stream);
        stream_free(*ret_stream);
        *ret_stream = nobody;
    }
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
