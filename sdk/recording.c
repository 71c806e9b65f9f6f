/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Definitions of recordings. No state of its own: a definition is built on the stack and copied to
 * where it stays.
 */
#include "sdk/recording.h"

#include "sdk/arena.h"
#include "sdk/spool/spool.h"
#include "sdk/spool/spool_format.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

/* A payload of RECORD_DEFINE_RECORDING, at its largest. */
struct payload {
    struct record_recording head;
    char text[2 * RECORD_MAX_ID + RECORDING_MAX_PATH + 8];
};
_Static_assert(sizeof(struct payload) <= SPOOL_MAX_PAYLOAD, "a definition fits into a block");

/* Returns the size of the payload, padding included. */
static size_t build(const struct recording_spec *spec, uint32_t id, struct payload *payload)
{
    const struct text *texts[] = {&spec->application_id, &spec->recording_id, &spec->sink_path};
    size_t used = 0;

    payload->head = (struct record_recording){
        .id = id,
        .store_kind = spec->store_kind,
        .previous_id = spec->previous_id,
        .flags = spec->flags,
        .time_ns = spec->time_ns,
        .application_id_size = (uint16_t)spec->application_id.size,
        .recording_id_size = (uint16_t)spec->recording_id.size,
        .sink_path_size = (uint16_t)spec->sink_path.size,
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i]->size > 0)
            memcpy(payload->text + used, texts[i]->bytes, texts[i]->size);
        used += texts[i]->size;
    }
    memset(payload->text + used, 0, -used & 7);
    return sizeof(payload->head) + used + (-used & 7);
}

int recording_define(const struct recording_spec *spec,
                     const struct record_recording **ret_recording)
{
    uint32_t id = lastword_spool_v1.next_id();
    struct payload payload;
    const void *copy = NULL;
    int result;

    if (id == 0)
        return -ENOENT;
    result = lastword_spool_v1.define(RECORD_DEFINE_RECORDING, &payload, build(spec, id, &payload),
                                      &copy);
    if (result == 0)
        *ret_recording = copy;
    return result;
}

int recording_keep(const struct recording_spec *spec, const struct record_recording **ret_recording)
{
    struct payload payload;
    size_t size = build(spec, 0, &payload);
    void *copy = arena_allocate(size);

    if (!copy)
        return -ENOMEM;
    memcpy(copy, &payload, size);
    *ret_recording = copy;
    return 0;
}

void recording_describe(const struct record_recording *recording, struct recording_spec *ret_spec)
{
    const char *text = (const char *)(recording + 1);

    *ret_spec = (struct recording_spec){
        .store_kind = recording->store_kind,
        .previous_id = recording->id,
        .flags = recording->flags,
        .time_ns = recording->time_ns,
        .application_id = {text, recording->application_id_size},
        .recording_id = {text + recording->application_id_size, recording->recording_id_size},
        .sink_path = {text + recording->application_id_size + recording->recording_id_size,
                      recording->sink_path_size},
    };
}

/* A UUID of version 4, as Rerun's own SDKs make them. */
int recording_random_id(char id[RECORDING_RANDOM_ID_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    int saved = errno;
    uint8_t bytes[16];

    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
        errno = saved;
        return -EAGAIN;
    }
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    memcpy(id, "rec_", 4);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        id[4 + 2 * i] = digits[bytes[i] >> 4];
        id[5 + 2 * i] = digits[bytes[i] & 15];
    }
    return 0;
}
