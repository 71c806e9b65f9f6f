/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Checking blueprints, message by message. State: on the stack.
 */
#include "harness/courier/blueprint.h"

#include "harness/wire/chunk_decoder.h"
#include "harness/wire/rrd_reader.h"
#include "harness/wire/utf8.h"
#include "sdk/record/record.h"

#include <errno.h>

/* One that is being taken in. */
struct intake {
    const struct blueprint *blueprint;
    struct chunk_decoder *decoder;
    struct buffer *store_id; /* empty until the store was announced */
    struct buffer key;       /* the id of a message, for comparison */
    uint64_t unpacked;       /* bytes of chunks so far */
};

static bool is_ours(const struct intake *intake, const struct store_id *id)
{
    return id->kind == STORE_BLUEPRINT && id->recording_id.size > 0 &&
           id->recording_id.size <= RECORD_MAX_ID && utf8_is_valid(id->recording_id) &&
           string_view_equal(id->application_id, intake->blueprint->application_id);
}

/* Is this the store that was announced? Returns 0; -EBADMSG: no; -ENOMEM. */
static int check_store(struct intake *intake, const struct store_id *id)
{
    const struct buffer *known = intake->store_id;
    int result;

    if (!is_ours(intake, id))
        return -EBADMSG;
    buffer_truncate(&intake->key, 0);
    result = store_id_encode(id, &intake->key);
    if (result < 0)
        return result;
    return string_view_equal((struct string_view){(char *)known->data, known->size},
                             (struct string_view){(char *)intake->key.data, intake->key.size})
               ? 0
               : -EBADMSG;
}

static int take_store(struct intake *intake, struct string_view message)
{
    struct set_store_info info;
    int result = set_store_info_decode(message, &info);

    if (result < 0)
        return result;
    if (intake->store_id->size > 0)
        return check_store(intake, &info.store);
    return is_ours(intake, &info.store) ? store_id_encode(&info.store, intake->store_id) : -EBADMSG;
}

/* A few bytes can claim to be very many: their sum is checked before they are decompressed. */
static int check_size(struct intake *intake, struct string_view message)
{
    struct arrow_msg msg;
    uint64_t size;
    int result = arrow_msg_decode(message, &msg);

    if (result < 0)
        return result;
    size = msg.compression == ARROW_PLAIN ? msg.payload.size : msg.uncompressed_size;
    if (size > BLUEPRINT_MAX_UNPACKED - intake->unpacked)
        return -EBADMSG;
    intake->unpacked += size;
    return 0;
}

static int take_chunk(struct intake *intake, struct string_view message)
{
    struct chunk chunk;
    int result = check_size(intake, message);

    if (result == 0)
        result = chunk_decoder_decode(intake->decoder, message, &chunk, NULL);
    if (result == 0)
        result = check_store(intake, &chunk.store);
    return result == 0 || result == -ENOMEM ? result : -EBADMSG;
}

static int check_frame(struct intake *intake, const struct rrd_frame *frame)
{
    switch (frame->kind) {
    case RRD_SET_STORE_INFO:
        return take_store(intake, frame->payload);
    case RRD_ARROW_MSG:
        return take_chunk(intake, frame->payload);
    default:
        return -EBADMSG;
    }
}

static int take_frames(struct intake *intake, struct rrd_reader *reader, struct buffer *out)
{
    struct rrd_frame frame;
    int more;

    while ((more = rrd_reader_next(reader, &frame, NULL)) == 1) {
        int result = check_frame(intake, &frame);

        if (result == 0)
            result = rrd_append_frame(out, frame.kind, frame.payload.data, frame.payload.size);
        if (result < 0)
            return result;
    }
    if (more < 0)
        return more == -ENOMEM ? more : -EBADMSG;
    return reader->ending == RRD_COMPLETE && intake->store_id->size > 0 ? 0 : -EBADMSG;
}

static int read_frames(struct intake *intake, struct buffer *out)
{
    struct rrd_reader reader;
    int result = rrd_reader_open_memory(&reader, intake->blueprint->bytes, "a blueprint", NULL);

    if (result < 0)
        return result == -ENOMEM ? result : -EBADMSG;
    result = take_frames(intake, &reader, out);
    rrd_reader_done(&reader);
    return result;
}

static int activate(const struct blueprint *blueprint, const struct buffer *store_id,
                    struct buffer *out)
{
    struct blueprint_activation command = {
        .make_active = blueprint->make_active,
        .make_default = blueprint->make_default,
    };
    size_t start;
    int result = store_id_decode((struct string_view){(char *)store_id->data, store_id->size},
                                 &command.store);

    if (result == 0)
        result = rrd_begin_frame(out, RRD_BLUEPRINT_ACTIVATION, &start);
    if (result == 0)
        result = blueprint_activation_encode(&command, out);
    if (result == 0)
        rrd_end_frame(out, start);
    return result;
}

int blueprint_append(const struct blueprint *blueprint, struct buffer *out, struct buffer *store_id)
{
    struct intake intake = {.blueprint = blueprint, .store_id = store_id};
    size_t start = out->size;
    int result = chunk_decoder_create(&intake.decoder);

    if (result < 0)
        return result;
    buffer_init(&intake.key, BUFFER_NO_LIMIT);
    buffer_truncate(store_id, 0);
    result = read_frames(&intake, out);
    if (result == 0)
        result = activate(blueprint, store_id, out);
    if (result < 0)
        buffer_truncate(out, start);
    buffer_done(&intake.key);
    chunk_decoder_destroy(intake.decoder);
    return result;
}
