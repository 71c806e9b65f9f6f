/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * inotify on a session directory. No state but the descriptor.
 */
#include "harness/courier/session_watch.h"

#include "sdk/spool/session.h"

#include <errno.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

int session_watch_open(const char *path)
{
    int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    int result;

    if (watch < 0)
        return -errno;
    if (inotify_add_watch(watch, path, IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB | IN_ONLYDIR) >= 0)
        return watch;
    result = -errno;
    close(watch);
    return result;
}

static bool is_spool(const char *name)
{
    const size_t suffix = sizeof(SESSION_SPOOL_SUFFIX) - 1;
    size_t size = strlen(name);

    return name[0] != '.' && size > suffix &&
           strcmp(name + size - suffix, SESSION_SPOOL_SUFFIX) == 0;
}

static int tell(const struct inotify_event *event,
                int (*change)(void *context, enum session_change kind, const char *name),
                void *context)
{
    if (event->mask & IN_Q_OVERFLOW)
        return change(context, SESSION_MISSED, "");
    if (event->len == 0 || !is_spool(event->name))
        return 0;
    if (event->mask & IN_MOVED_TO)
        return change(context, SESSION_SPOOL_NEW, event->name);
    if (event->mask & IN_CLOSE_WRITE)
        return change(context, SESSION_SPOOL_CLOSED, event->name);
    return event->mask & IN_ATTRIB ? change(context, SESSION_SPOOL_RUNG, event->name) : 0;
}

int session_watch_read(int watch,
                       int (*change)(void *context, enum session_change kind, const char *name),
                       void *context)
{
    alignas(struct inotify_event) uint8_t bytes[16384];
    int result = 0;
    ssize_t size;

    while (result == 0 && (size = read(watch, bytes, sizeof(bytes))) > 0) {
        for (ssize_t at = 0; result == 0 && at < size;) {
            const struct inotify_event *event =
                (const struct inotify_event *)(const void *)(bytes + at);

            result = tell(event, change, context);
            at += (ssize_t)(sizeof(*event) + event->len);
        }
    }
    return result;
}
