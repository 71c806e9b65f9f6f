/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The event log: what was committed is read back, what was not is gone, damage is noticed. */
#include "harness/courier/event_log.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64];
static int session;
static struct event_log event_log;

static void make_session(void)
{
    strcpy(folder, "/tmp/test-events-XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
    session = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(event_log_open(&event_log, session, 0), 0);
}

static void remove_session(void)
{
    event_log_close(&event_log);
    event_log_remove(session);
    close(session);
    cr_assert_eq(rmdir(folder), 0);
}

TestSuite(event_log, .init = make_session, .fini = remove_session);

static uint64_t append(uint64_t serial, const char *payload)
{
    struct event event = {.kind = RECORD_PROCESS_END, .family = 5, .serial = serial};
    uint64_t offset;

    cr_assert_eq(event_log_append(&event_log, &event, payload, strlen(payload), &offset), 0);
    return offset;
}

static void commit(void)
{
    cr_assert_eq(event_log_write(&event_log), 0);
    event_log_committed(&event_log);
}

Test(event_log, events_are_read_back_in_order)
{
    struct buffer bytes;
    const struct event *event;
    uint64_t second;

    buffer_init(&bytes, BUFFER_NO_LIMIT);
    cr_assert_eq(append(1, "one"), 0);
    second = append(2, "");
    commit();
    append(3, "not committed");
    cr_assert_eq(event_log_read(&event_log, 0, &bytes), 1);
    event = (const struct event *)(const void *)bytes.data;
    cr_assert_eq(event->serial, 1);
    cr_assert_eq(event->size, second);
    cr_assert_eq(memcmp(event + 1, "one\0\0\0\0\0", 8), 0);
    cr_assert_eq(event_log_read(&event_log, second, &bytes), 1);
    event = (const struct event *)(const void *)bytes.data;
    cr_assert_eq(event->serial, 2);
    cr_assert_eq(event->size, sizeof(*event));
    cr_assert_eq(event_log_read(&event_log, second + event->size, &bytes), 0);
    buffer_done(&bytes);
}

Test(event_log, what_was_not_committed_is_cut_off)
{
    struct buffer bytes;
    uint64_t size;

    buffer_init(&bytes, BUFFER_NO_LIMIT);
    append(1, "kept");
    commit();
    size = event_log.size;
    append(2, "lost");
    cr_assert_eq(event_log_write(&event_log), 0);
    event_log_close(&event_log);
    cr_assert_eq(event_log_open(&event_log, session, size), 0);
    append(3, "later");
    commit();
    cr_assert_eq(event_log_read(&event_log, size, &bytes), 1);
    cr_assert_eq(((const struct event *)(const void *)bytes.data)->serial, 3);
    buffer_done(&bytes);
}

Test(event_log, a_log_that_is_too_short_is_refused)
{
    uint64_t size;

    append(1, "kept");
    commit();
    size = event_log.size;
    event_log_close(&event_log);
    cr_assert_eq(event_log_open(&event_log, session, size + 8), -EBADMSG);
    cr_assert_eq(event_log_open(&event_log, session, size), 0);
}

Test(event_log, any_changed_byte_is_harmless)
{
    struct buffer bytes;

    buffer_init(&bytes, BUFFER_NO_LIMIT);
    append(1, "one");
    append(2, "two and more");
    commit();
    for (uint64_t at = 0; at < event_log.size; at++) {
        uint8_t before;
        uint8_t changed;
        uint64_t offset = 0;

        cr_assert_eq(pread(event_log.file, &before, 1, (off_t)at), 1);
        changed = before ^ 0xa5;
        cr_assert_eq(pwrite(event_log.file, &changed, 1, (off_t)at), 1);
        while (event_log_read(&event_log, offset, &bytes) == 1)
            offset += ((const struct event *)(const void *)bytes.data)->size;
        cr_assert_eq(pwrite(event_log.file, &before, 1, (off_t)at), 1);
    }
    buffer_done(&bytes);
}
