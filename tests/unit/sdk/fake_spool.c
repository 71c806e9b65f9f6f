/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The spool of the SDK's unit tests. One piece of shared memory; records are never dropped. */
#include "fake_spool.h"

#include "sdk/record/builtin.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEAP_SIZE (64u << 20)

static struct {
    struct fake_spool spool;
    _Atomic uint64_t heap_used;
    _Alignas(8) uint8_t heap[HEAP_SIZE];
} * shared;

struct fake_spool *fake_spool;

__attribute__((constructor)) static void make_shared(void)
{
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        abort();
    fake_spool = &shared->spool;
}

/* The tests set these themselves. */
__attribute__((constructor)) static void clear_environment(void)
{
    static const char *const names[] = {
        "LASTWORD_SESSION",
        "LASTWORD_RECORDING_ID",
        "LASTWORD_APPLICATION_ID",
        "LASTWORD_SAVE",
        "RERUN",
        "RERUN_LOG_TIME",
        "RERUN_LOG_TICK",
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unsetenv(names[i]);
}

static struct fake_record *add(uint16_t kind, uint64_t time_ns, uint64_t size)
{
    uint64_t start = atomic_fetch_add(&shared->heap_used, (size + 7) & ~UINT64_C(7));
    uint32_t index = atomic_fetch_add(&fake_spool->n_records, 1);
    struct fake_record *record = &fake_spool->records[index];

    if (index >= FAKE_MAX_RECORDS || start + size > HEAP_SIZE)
        abort();
    *record = (struct fake_record){
        .payload = shared->heap + start,
        .size = size,
        .time_ns = time_ns,
        .pid = getpid(),
        .kind = kind,
    };
    return record;
}

/* Shows the next window of the record. */
static void show(struct spool_cursor *cursor, struct fake_record *record)
{
    uint64_t left = record->size - record->used;
    uint64_t window = fake_spool->window_size;

    cursor->at = (uint8_t *)(uintptr_t)record->payload + record->used;
    cursor->end = cursor->at + (window > 0 && window < left ? window : left);
}

static uint64_t start_of_window(const struct spool_cursor *cursor)
{
    const struct fake_record *record = cursor->record;

    return (uint64_t)(cursor->at - (const uint8_t *)record->payload);
}

/* --- The table ---------------------------------------------------------------- */

static int fake_open(bool create_session)
{
    fake_spool->n_opened++;
    if (fake_spool->open_error == 0 && create_session)
        fake_spool->is_closed = false;
    return fake_spool->open_error;
}

static int fake_begin(struct spool_cursor *cursor, uint16_t kind, uint64_t time_ns, uint64_t size)
{
    if (fake_spool->begin_error < 0 || size % 8 != 0)
        return fake_spool->begin_error < 0 ? fake_spool->begin_error : -EINVAL;
    cursor->record = add(kind, time_ns, size);
    show(cursor, cursor->record);
    return 0;
}

static void fake_put(struct spool_cursor *cursor, const void *bytes, uint64_t size)
{
    struct fake_record *record = cursor->record;
    const uint8_t *next = bytes;

    while (size > 0) {
        uint64_t room = (uint64_t)(cursor->end - cursor->at);
        uint64_t now = size < room ? size : room;

        memcpy(cursor->at, next, now);
        cursor->at += now;
        next += now;
        size -= now;
        if (size == 0)
            break;
        record->used = start_of_window(cursor);
        if (record->used == record->size)
            abort(); /* more than was announced */
        show(cursor, record);
    }
}

static int fake_end(struct spool_cursor *cursor)
{
    struct fake_record *record = cursor->record;

    record->used = start_of_window(cursor);
    if (record->used != record->size)
        abort(); /* less than was announced */
    if (fake_spool->end_error == 0)
        record->is_committed = true;
    return fake_spool->end_error;
}

static int fake_define(uint16_t kind, const void *payload, size_t size, const void **ret_copy)
{
    struct fake_record *record;

    if (fake_spool->define_error < 0 || size % 8 != 0)
        return fake_spool->define_error < 0 ? fake_spool->define_error : -EINVAL;
    record = add(kind, 0, size);
    memcpy((void *)(uintptr_t)record->payload, payload, size);
    record->is_committed = true;
    if (ret_copy)
        *ret_copy = record->payload;
    return 0;
}

static uint32_t fake_next_id(void)
{
    return fake_spool->is_closed ? 0 : 2000 + atomic_fetch_add(&fake_spool->n_ids, 1);
}

static void fake_set_recording(const struct record_recording *recording)
{
    fake_spool->recording = recording;
}

static const struct record_recording *fake_get_recording(void)
{
    return fake_spool->recording;
}

static int fake_wait_stored(uint32_t timeout_ms)
{
    fake_spool->wait_timeout_ms = timeout_ms;
    return fake_spool->wait_error;
}

static int fake_wait_thread(uint32_t timeout_ms)
{
    fake_spool->n_thread_waits++;
    return fake_wait_stored(timeout_ms);
}

const struct spool_api lastword_spool_v1 = {
    .version = 1,
    .size = sizeof(struct spool_api),
    .open = fake_open,
    .begin = fake_begin,
    .put = fake_put,
    .end = fake_end,
    .define = fake_define,
    .next_id = fake_next_id,
    .set_recording = fake_set_recording,
    .get_recording = fake_get_recording,
    .wait_stored = fake_wait_stored,
    .wait_thread = fake_wait_thread,
};

/* --- Looking at it ------------------------------------------------------------ */

static const struct fake_record *find(uint16_t kind, uint32_t n)
{
    for (uint32_t i = 0; i < fake_spool->n_records; i++) {
        const struct fake_record *record = &fake_spool->records[i];

        if (record->is_committed && record->kind == kind && n-- == 0)
            return record;
    }
    return NULL;
}

uint32_t fake_count(uint16_t kind)
{
    uint32_t n = 0;

    while (find(kind, n))
        n++;
    return n;
}

const struct fake_record *fake_record_at(uint16_t kind, uint32_t n)
{
    const struct fake_record *record = find(kind, n);

    cr_assert(record != NULL, "there is no record %u of kind %u", n, kind);
    return record;
}

void fake_row_at(uint32_t n, struct record_row_view *ret_view)
{
    const struct fake_record *record = fake_record_at(RECORD_ROW, n);

    cr_assert_eq(record_row_parse(record->payload, record->size, ret_view), 0, "row %u", n);
}

void fake_recording_at(uint32_t n, struct record_recording_view *ret_view)
{
    const struct fake_record *record = fake_record_at(RECORD_DEFINE_RECORDING, n);

    cr_assert_eq(record_recording_parse(record->payload, record->size, ret_view), 0);
}

void fake_component_at(uint32_t n, struct record_component_view *ret_view)
{
    const struct fake_record *record = fake_record_at(RECORD_DEFINE_COMPONENT, n);

    cr_assert_eq(record_component_parse(record->payload, record->size, ret_view), 0);
}

/* The type of a component: built in, or defined. */
static const struct datatype_node *nodes_of(uint32_t component_id)
{
    const struct builtin_component *builtin = builtin_component_find(component_id);
    struct record_component_view view;

    if (builtin)
        return builtin->nodes;
    for (uint32_t i = 0; i < fake_count(RECORD_DEFINE_COMPONENT); i++) {
        fake_component_at(i, &view);
        if (view.head->id == component_id)
            return view.nodes;
    }
    cr_assert(false, "component %u is not defined", component_id);
    return NULL;
}

const struct record_batch_view *fake_batch(const struct record_row_view *row, uint32_t component_id)
{
    for (size_t i = 0; i < row->n_batches; i++) {
        if (row->batches[i].component_id != component_id)
            continue;
        cr_assert_eq(record_batch_check(&row->batches[i], nodes_of(component_id)), 0);
        return &row->batches[i];
    }
    cr_assert(false, "the row has no component %u", component_id);
    return NULL;
}

bool fake_is_text(const struct record_row_view *row, uint32_t component_id, const char *text)
{
    const struct record_batch_view *batch = fake_batch(row, component_id);
    const uint32_t *offsets = batch->data;

    return batch->n_instances == 1 && offsets[1] == strlen(text) &&
           !memcmp(offsets + 2, text, offsets[1]);
}

rr_recording_stream fake_start(void)
{
    rr_error error = {0};
    rr_store_info info = {
        .application_id = STRING("test"),
        .recording_id = STRING("rec"),
        .store_kind = RR_STORE_KIND_RECORDING,
    };
    rr_recording_stream stream = rr_recording_stream_new(&info, true, false, &error);

    assert_no_error(error);
    rr_recording_stream_set_global(stream, RR_STORE_KIND_RECORDING);
    return stream;
}

int fake_wait(pid_t child)
{
    int status;

    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
