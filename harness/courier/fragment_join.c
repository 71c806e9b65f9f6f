/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Joining fragments. Sizes come from a spool: each is checked before bytes are believed to be
 * there.
 */
#include "harness/courier/fragment_join.h"

#include <errno.h>
#include <string.h>

/* Reads the header of a fragment. Returns 0 or -EBADMSG. */
static int read_header(const void *payload, size_t size, struct record_fragment *ret_fragment)
{
    if (size < sizeof(*ret_fragment))
        return -EBADMSG;
    memcpy(ret_fragment, payload, sizeof(*ret_fragment));
    if (ret_fragment->size > size - sizeof(*ret_fragment) ||
        ret_fragment->offset > ret_fragment->total_size ||
        ret_fragment->size > ret_fragment->total_size - ret_fragment->offset)
        return -EBADMSG;
    return 0;
}

bool fragment_join_is(const struct fragment_join *join, const struct record_fragment *fragment)
{
    return join->is_active && join->first.message == fragment->message &&
           join->first.total_size == fragment->total_size && join->first.kind == fragment->kind;
}

int fragment_join_begin(struct fragment_join *join, const void *payload, size_t size,
                        uint64_t max_size)
{
    int result;

    fragment_join_done(join);
    result = read_header(payload, size, &join->first);
    if (result == 0 && (join->first.offset != 0 || join->first.total_size > max_size))
        result = -EBADMSG;
    if (result < 0)
        return result;
    buffer_init(&join->payload, join->first.total_size);
    result = buffer_append(&join->payload, (const uint8_t *)payload + sizeof(join->first),
                           join->first.size);
    join->is_active = result == 0;
    return result;
}

int fragment_join_add(struct fragment_join *join, const void *payload, size_t size)
{
    struct record_fragment fragment;
    int result = read_header(payload, size, &fragment);

    if (result < 0 || !fragment_join_is(join, &fragment))
        return result;
    if (fragment.offset != join->payload.size)
        return -EBADMSG;
    return buffer_append(&join->payload, (const uint8_t *)payload + sizeof(fragment),
                         fragment.size);
}

bool fragment_join_is_whole(const struct fragment_join *join)
{
    return join->is_active && join->payload.size == join->first.total_size;
}

bool fragment_ends_row(const void *payload, size_t size)
{
    struct record_fragment fragment;

    return read_header(payload, size, &fragment) == 0 && fragment.kind == RECORD_ROW &&
           fragment.offset + fragment.size == fragment.total_size;
}

void fragment_join_done(struct fragment_join *join)
{
    buffer_done(&join->payload);
    *join = (struct fragment_join){0};
}
