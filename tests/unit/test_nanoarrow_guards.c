/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * subprojects/packagefiles/nanoarrow-guards.diff: the decoder of nanoarrow 0.9.0 crashes on input
 * that its flatbuffer verifier lets through. Whole payloads of the official SDK are damaged here at
 * every offset, and each guard must have answered at least once: a patch that is lost or misses its
 * place fails this test with a crash, a sanitizer's finding or a missing message.
 */
#include "tests/support/random.h"

#include <criterion/criterion.h>
#include <nanoarrow/nanoarrow_ipc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXTLOG    "textlog_one_uncompressed_reframed.rrd"
#define BOXES      "boxes2d_xywh_uncompressed_reframed.rrd"
#define DICTIONARY "arrow_dictionary.arrows"
#define LZ4_BODY   "arrow_lz4_body.arrows"

/* One Arrow IPC message, in memory of its own: malloc aligns it, and the sanitizer watches its end.
 */
struct message {
    uint8_t *bytes;
    size_t size_bytes;
};

/* What one chunk of a recording holds. */
struct payload {
    struct message schema;
    struct message batch;
};

/* The guards' own words, and whether the decoder has said them. */
struct guard {
    const char *message;
    bool seen;
};

static void note_answer(struct guard *guards, const char *answer)
{
    for (struct guard *guard = guards; guard->message != NULL; guard++) {
        guard->seen |= strstr(answer, guard->message) != NULL;
    }
}

static void assert_all_seen(const struct guard *guards)
{
    for (const struct guard *guard = guards; guard->message != NULL; guard++) {
        cr_expect(guard->seen, "no damage was refused with '%s'", guard->message);
    }
}

static size_t read_golden(const char *name, uint8_t *out, size_t capacity_bytes)
{
    char path[4096];
    cr_assert(snprintf(path, sizeof(path), GOLDEN_DIR "/%s", name) < (int)sizeof(path));
    FILE *file = fopen(path, "rb");
    cr_assert(file != NULL, "cannot open %s", path);
    size_t size_bytes = fread(out, 1, capacity_bytes, file);
    fclose(file);
    cr_assert(size_bytes > 0 && size_bytes < capacity_bytes);
    return size_bytes;
}

static struct message copy_message(const uint8_t *bytes, size_t size_bytes)
{
    struct message copy = {.bytes = malloc(size_bytes), .size_bytes = size_bytes};
    cr_assert(copy.bytes != NULL && size_bytes > 0);
    memcpy(copy.bytes, bytes, size_bytes);
    return copy;
}

/*
 * Finds the last Arrow stream of a golden file: the last chunk of a recording is the program's own,
 * those before it are properties. A message opens with ff ff ff ff and the size of its header; the
 * last three are schema, batch and end.
 */
static struct payload find_payload(const char *name)
{
    static uint8_t file[65536];
    size_t size_bytes = read_golden(name, file, sizeof(file));
    size_t begin[3] = {0};
    for (size_t i = 0; i + 8 <= size_bytes; i++) {
        if (memcmp(file + i, "\xff\xff\xff\xff", 4) == 0) {
            begin[0] = begin[1];
            begin[1] = begin[2];
            begin[2] = i;
        }
    }
    return (struct payload){
        .schema = copy_message(file + begin[0], begin[1] - begin[0]),
        .batch = copy_message(file + begin[1], begin[2] - begin[1]),
    };
}

static void free_payload(struct payload *payload)
{
    free(payload->schema.bytes);
    free(payload->batch.bytes);
}

static struct ArrowBufferView view_of(const struct message *message)
{
    return (struct ArrowBufferView){
        .data.as_uint8 = message->bytes,
        .size_bytes = (int64_t)message->size_bytes,
    };
}

static ArrowErrorCode verify_and_decode_header(struct ArrowIpcDecoder *decoder,
                                               struct ArrowBufferView message,
                                               struct ArrowError *error)
{
    NANOARROW_RETURN_NOT_OK(ArrowIpcDecoderVerifyHeader(decoder, message, error));
    return ArrowIpcDecoderDecodeHeader(decoder, message, error);
}

static ArrowErrorCode decode_schema(struct ArrowIpcDecoder *decoder, struct ArrowBufferView message,
                                    struct ArrowError *error)
{
    NANOARROW_RETURN_NOT_OK(verify_and_decode_header(decoder, message, error));
    struct ArrowSchema schema = {.release = NULL};
    NANOARROW_RETURN_NOT_OK(ArrowIpcDecoderDecodeSchema(decoder, &schema, error));
    ArrowErrorCode code = ArrowIpcDecoderSetSchema(decoder, &schema, error);
    ArrowSchemaRelease(&schema);
    return code;
}

static ArrowErrorCode decode_batch(struct ArrowIpcDecoder *decoder, struct ArrowBufferView message,
                                   struct ArrowError *error)
{
    NANOARROW_RETURN_NOT_OK(verify_and_decode_header(decoder, message, error));
    struct ArrowBufferView body = {
        .data.as_uint8 = message.data.as_uint8 + decoder->header_size_bytes,
        .size_bytes = message.size_bytes - decoder->header_size_bytes,
    };
    struct ArrowArray array = {.release = NULL};
    NANOARROW_RETURN_NOT_OK(ArrowIpcDecoderDecodeArray(decoder, body, -1, &array,
                                                       NANOARROW_VALIDATION_LEVEL_FULL, error));
    ArrowArrayRelease(&array);
    return NANOARROW_OK;
}

/* Decodes both messages, as far as they can be; notes what the decoder said. */
static ArrowErrorCode decode(const struct payload *payload, struct guard *guards)
{
    struct ArrowError error = {.message = ""};
    struct ArrowIpcDecoder decoder;
    cr_assert(ArrowIpcDecoderInit(&decoder) == NANOARROW_OK);
    ArrowErrorCode code = decode_schema(&decoder, view_of(&payload->schema), &error);
    if (code == NANOARROW_OK) {
        code = decode_batch(&decoder, view_of(&payload->batch), &error);
    }
    ArrowIpcDecoderReset(&decoder);
    note_answer(guards, error.message);
    return code;
}

/* Writes `value` over every offset of the message in turn, and decodes the payload each time. */
static void damage_message(const struct payload *payload, struct message *message, uint64_t value,
                           size_t width, struct guard *guards)
{
    for (size_t i = 0; i + width <= message->size_bytes; i++) {
        uint8_t saved[sizeof(value)];
        memcpy(saved, message->bytes + i, width);
        memcpy(message->bytes + i, &value, width);
        (void)decode(payload, guards);
        memcpy(message->bytes + i, saved, width);
    }
}

/* The same with the first 2, 4 and 8 bytes of `value`, in both messages of a golden file. */
static void damage_file(const char *name, uint64_t value, struct guard *guards)
{
    struct payload payload = find_payload(name);
    for (size_t width = 2; width <= sizeof(value); width *= 2) {
        damage_message(&payload, &payload.schema, value, width, guards);
        damage_message(&payload, &payload.batch, value, width, guards);
    }
    free_payload(&payload);
}

static struct guard no_guards[] = {{NULL, false}};

Test(nanoarrow_guards, undamaged_payloads_are_decoded)
{
    const char *const names[] = {TEXTLOG, BOXES};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct payload payload = find_payload(names[i]);
        cr_assert(decode(&payload, no_guards) == NANOARROW_OK, "%s", names[i]);
        free_payload(&payload);
    }
}

/* A zero in a flatbuffer's vtable says that the field is not there. */
Test(nanoarrow_guards, missing_fields_are_refused)
{
    struct guard guards[] = {
        {"has no key or no value", false},
        {"Field has no type", false},
        {"Dictionary encoding has no index type", false},
        {"Message has no header", false},
        {NULL, false},
    };
    damage_file(TEXTLOG, 0, guards);
    damage_file(DICTIONARY, 0, guards);
    assert_all_seen(guards);
}

Test(nanoarrow_guards, sizes_that_overflow_are_refused)
{
    struct guard guards[] = {
        {"Fixed-size binary", false},
        {"Fixed-size list", false},
        {"is out of range", false},
        {"is unaligned or outside", false},
        {"is not padded to 8 bytes", false},
        {"Expected message size > 0", false},
        {NULL, false},
    };
    damage_file(BOXES, INT64_MAX, guards);
    damage_file(BOXES, INT32_MAX, guards);
    assert_all_seen(guards);
}

Test(nanoarrow_guards, compressed_bodies_are_refused)
{
    struct guard guards[] = {{"Compressed record batches are not supported", false}, {NULL, false}};
    struct payload payload = find_payload(LZ4_BODY);
    cr_assert(decode(&payload, guards) == ENOTSUP);
    assert_all_seen(guards);
    free_payload(&payload);
}

static void damage_at_random(struct message *message, uint64_t *state)
{
    for (uint64_t n_damaged = 1 + random_next(state) % 4; n_damaged > 0; n_damaged--) {
        message->bytes[random_next(state) % message->size_bytes] ^= (uint8_t)random_next(state);
    }
}

Test(nanoarrow_guards, random_damage_is_survived)
{
    uint64_t state = 20240217;
    struct payload intact = find_payload(BOXES);
    struct payload payload = find_payload(BOXES);
    for (int round = 0; round < 20000; round++) {
        damage_at_random(round % 2 == 0 ? &payload.schema : &payload.batch, &state);
        (void)decode(&payload, no_guards);
        memcpy(payload.schema.bytes, intact.schema.bytes, intact.schema.size_bytes);
        memcpy(payload.batch.bytes, intact.batch.bytes, intact.batch.size_bytes);
    }
    free_payload(&payload);
    free_payload(&intact);
}
