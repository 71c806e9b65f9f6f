/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The file of events. Knows what an event is framed like, not what it means. Owned by the courier
 * that holds the session's lock.
 */
#include "harness/courier/event_log.h"

#include "harness/courier/file_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESERVE_SIZE   ((uint64_t)256 << 10)
#define MAX_EVENT_SIZE (sizeof(struct event) + EVENT_MAX_PAYLOAD)

/* Cuts only where there is something to cut: that gives reserved room away. */
static int check_file(int file, uint64_t size)
{
    struct stat status;

    if (fstat(file, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size < size)
        return -EBADMSG;
    if ((uint64_t)status.st_size == size)
        return 0;
    return ftruncate(file, (off_t)size) < 0 ? -errno : 0;
}

int event_log_open(struct event_log *log, int session, uint64_t size)
{
    int result;

    *log = (struct event_log){.size = size};
    buffer_init(&log->pending, EVENT_LOG_MAX_PENDING);
    log->file = openat(session, EVENT_LOG_NAME,
                       O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (log->file < 0)
        return -errno;
    result = check_file(log->file, size);
    if (result < 0)
        event_log_close(log);
    return result;
}

void event_log_close(struct event_log *log)
{
    if (log->file >= 0)
        close(log->file);
    log->file = -1;
    buffer_done(&log->pending);
}

void event_log_remove(int session)
{
    (void)!unlinkat(session, EVENT_LOG_NAME, 0);
}

int event_log_append(struct event_log *log, const struct event *event, const void *payload,
                     size_t size, uint64_t *ret_offset)
{
    size_t start = log->pending.size;
    struct event head = *event;
    int result;

    if (size > EVENT_MAX_PAYLOAD)
        return -EBADMSG;
    head.size = (uint32_t)((sizeof(head) + size + 7) & ~(size_t)7);
    result = buffer_append(&log->pending, &head, sizeof(head));
    if (result == 0)
        result = buffer_append(&log->pending, payload, size);
    if (result == 0)
        result = buffer_align(&log->pending, 8);
    if (result < 0) {
        buffer_truncate(&log->pending, start);
        return result;
    }
    *ret_offset = log->size + start;
    return 0;
}

int event_log_reserve(struct event_log *log)
{
    if (log->reserved >= log->size + RESERVE_SIZE / 2)
        return 0;
    if (fallocate(log->file, FALLOC_FL_KEEP_SIZE, (off_t)log->size, RESERVE_SIZE) < 0) {
        if (errno != EOPNOTSUPP)
            return -errno;
        log->reserved = UINT64_MAX - RESERVE_SIZE; /* cannot be had here */
        return 0;
    }
    log->reserved = log->size + RESERVE_SIZE;
    return 0;
}

int event_log_write(struct event_log *log)
{
    return file_write_at(log->file, log->pending.data, log->pending.size, log->size);
}

void event_log_committed(struct event_log *log)
{
    log->size += log->pending.size;
    buffer_truncate(&log->pending, 0);
}

int event_log_read(const struct event_log *log, uint64_t offset, struct buffer *bytes)
{
    struct event head;
    int result;

    if (offset >= log->size)
        return 0;
    if (log->size - offset < sizeof(head))
        return -EBADMSG;
    result = file_read_at(log->file, &head, sizeof(head), offset);
    if (result < 0)
        return result;
    if (head.size < sizeof(head) || head.size % 8 != 0 || head.size > MAX_EVENT_SIZE ||
        head.size > log->size - offset)
        return -EBADMSG;
    buffer_truncate(bytes, 0);
    result = buffer_append_zeros(bytes, head.size);
    if (result == 0)
        result = file_read_at(log->file, bytes->data, head.size, offset);
    return result < 0 ? result : 1;
}
