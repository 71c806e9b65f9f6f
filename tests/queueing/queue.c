/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A stand-in for the official C SDK as it is linked into programs: our own SDK, but rows wait in
 * memory of the process until the stream is freed or flushed, or the program exits. So they are
 * lost where that SDK loses them, and scenarios have something to lose.
 *
 * Stands between the SDK and the spool's writer, by a table of its own under the writer's name.
 */
#include "tests/queueing/queue.h"

#include "sdk/include/rerun.h"
#include "sdk/spool/spool.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* One row that waits; its payload follows. */
struct queued {
    struct queued *next;
    uint64_t time_ns;
    uint64_t size;
    uint64_t payload[];
};

/* The spool's writer and the SDK's own function, under other names: meson.build. */
extern const struct spool_api queue_own_spool;
extern void queue_plain_free(rr_recording_stream stream);

static const struct spool_api *spool = &queue_own_spool;

static struct {
    pthread_mutex_t lock;
    pid_t pid; /* whose rows these are: a forked child begins with none */
    struct queued *first, **end;
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* As large as what it stands for: smaller programs are not looked into. */
__asm__(".pushsection .text\n.skip 0x100000\n.popsection");

/* With the shim its writer serves, so that a process has one. */
__attribute__((constructor)) static void find_spool(void)
{
    const struct spool_api *shims = dlsym(RTLD_DEFAULT, "lastword_spool_v1");

    if (shims)
        spool = shims;
}

static void lock_queue(void)
{
    if (queue.pid != getpid()) {
        pthread_mutex_init(&queue.lock, NULL);
        queue.first = NULL;
        queue.end = &queue.first;
        queue.pid = getpid();
    }
    pthread_mutex_lock(&queue.lock);
}

static void send(const struct queued *row)
{
    struct spool_cursor cursor;

    if (spool->begin(&cursor, RECORD_ROW, row->time_ns, row->size) < 0)
        return;
    if (row->size <= (uint64_t)(cursor.end - cursor.at)) {
        memcpy(cursor.at, row->payload, row->size);
        cursor.at += row->size;
    } else {
        spool->put(&cursor, row->payload, row->size);
    }
    (void)!spool->end(&cursor);
}

void queue_flush(void)
{
    lock_queue();
    while (queue.first) {
        struct queued *row = queue.first;

        send(row);
        queue.first = row->next;
        free(row);
    }
    queue.end = &queue.first;
    pthread_mutex_unlock(&queue.lock);
}

__attribute__((destructor)) static void flush_at_exit(void)
{
    queue_flush();
}

void rr_recording_stream_free(rr_recording_stream stream)
{
    queue_plain_free(stream);
    queue_flush();
}

/* --- The table -----------------------------------------------------------------------------------
 */

static int queue_begin(struct spool_cursor *cursor, uint16_t kind, uint64_t time_ns, uint64_t size)
{
    struct queued *row = malloc(sizeof(*row) + size);

    if (!row)
        return -ENOMEM;
    *row = (struct queued){.time_ns = time_ns, .size = size};
    *cursor = (struct spool_cursor){
        .at = (uint8_t *)row->payload,
        .end = (uint8_t *)row->payload + size,
        .record = row,
        .total = size,
        .kind = kind,
    };
    return 0;
}

static void queue_put(struct spool_cursor *cursor, const void *bytes, uint64_t size)
{
    (void)bytes;
    (void)size;
    cursor->error = -EMSGSIZE; /* more than was announced */
}

static int queue_end(struct spool_cursor *cursor)
{
    struct queued *row = cursor->record;

    if (cursor->error < 0) {
        free(row);
        return cursor->error;
    }
    lock_queue();
    *queue.end = row;
    queue.end = &row->next;
    pthread_mutex_unlock(&queue.lock);
    return 0;
}

static int queue_open(bool create_session)
{
    return spool->open(create_session);
}

static int queue_define(uint16_t kind, const void *payload, size_t size, const void **ret_copy)
{
    return spool->define(kind, payload, size, ret_copy);
}

static uint32_t queue_next_id(void)
{
    return spool->next_id();
}

static void queue_set_recording(const struct record_recording *recording)
{
    spool->set_recording(recording);
}

static const struct record_recording *queue_get_recording(void)
{
    return spool->get_recording();
}

static int queue_wait_stored(uint32_t timeout_ms)
{
    queue_flush();
    return spool->wait_stored(timeout_ms);
}

const struct spool_api lastword_spool_v1 = {
    .version = 1,
    .size = sizeof(struct spool_api),
    .open = queue_open,
    .begin = queue_begin,
    .put = queue_put,
    .end = queue_end,
    .define = queue_define,
    .next_id = queue_next_id,
    .set_recording = queue_set_recording,
    .get_recording = queue_get_recording,
    .wait_stored = queue_wait_stored,
};
