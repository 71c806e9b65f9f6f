/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Packets to and from the supervisor. A supervisor that is stopped, or gone, must not stop the
 * courier while programs run. No state.
 */
#include "harness/courier/supervisor_link.h"

#include <errno.h>
#include <sys/socket.h>

void supervisor_send(int control, const struct courier_message *message, bool may_wait)
{
    int flags = MSG_NOSIGNAL | (may_wait ? 0 : MSG_DONTWAIT);

    if (control < 0)
        return;
    while (send(control, message, sizeof(*message), flags) < 0 && errno == EINTR)
        ;
}

void supervisor_say(int control, enum courier_message_kind kind)
{
    const struct courier_message message = {.kind = kind};

    supervisor_send(control, &message, false);
}

int supervisor_receive(int control, struct courier_message *ret_message)
{
    while (control >= 0) {
        ssize_t size = recv(control, ret_message, sizeof(*ret_message), MSG_DONTWAIT);

        if (size == (ssize_t)sizeof(*ret_message))
            return 1;
        if (size == 0)
            return -EPIPE;
        if (size < 0 && errno != EINTR)
            return errno == EAGAIN ? 0 : -EPIPE;
    }
    return 0;
}
