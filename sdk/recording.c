/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Definitions of recordings. One is built on the stack, in no more than the bytes that it needs, as
 * a signal handler's may be small: 100 or 200, 9 KiB for the longest lists of
 * sinks. No state.
 */
#include "sdk/recording.h"

#include "sdk/spool/spool.h"
#include "sdk/spool/spool_format.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

_Static_assert(sizeof(struct record_recording) + (size_t)2 * RECORD_MAX_ID + RECORD_MAX_SINKS_SIZE +
                       8 <=
                   SPOOL_MAX_PAYLOAD,
               "a definition fits into a block");

size_t recording_size(const struct recording_spec *spec)
{
    size_t size = sizeof(struct record_recording) + spec->application_id.size +
                  spec->recording_id.size + spec->sinks.size;

    return size + (-size & 7);
}

static char *append(char *at, struct text text)
{
    if (text.size > 0)
        memcpy(at, text.bytes, text.size);
    return at + text.size;
}

/* Writes the payload of RECORD_DEFINE_RECORDING, recording_size(spec) bytes. */
static void build(const struct recording_spec *spec, uint32_t id,
                  struct record_recording *recording)
{
    char *at = (char *)(recording + 1);

    memset(recording, 0, recording_size(spec));
    *recording = (struct record_recording){
        .id = id,
        .store_kind = spec->store_kind,
        .previous_id = spec->previous_id,
        .flags = spec->flags,
        .time_ns = spec->time_ns,
        .application_id_size = (uint16_t)spec->application_id.size,
        .recording_id_size = (uint16_t)spec->recording_id.size,
        .sinks_size = (uint16_t)spec->sinks.size,
    };
    at = append(at, spec->application_id);
    at = append(at, spec->recording_id);
    append(at, spec->sinks);
}

int recording_define(const struct recording_spec *spec,
                     const struct record_recording **ret_recording)
{
    struct record_recording *recording = __builtin_alloca(recording_size(spec));
    uint32_t id = lastword_spool_v1.next_id();
    const void *copy = NULL;
    int result;

    if (id == 0)
        return -ENOENT;
    build(spec, id, recording);
    result =
        lastword_spool_v1.define(RECORD_DEFINE_RECORDING, recording, recording_size(spec), &copy);
    if (result == 0)
        *ret_recording = copy;
    return result;
}

const struct record_recording *recording_build(const struct recording_spec *spec, void *memory)
{
    build(spec, 0, memory);
    return memory;
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
        .sinks = {text + recording->application_id_size + recording->recording_id_size,
                  recording->sinks_size},
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
