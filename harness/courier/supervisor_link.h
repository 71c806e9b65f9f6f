/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The courier's end of the connection to the supervisor. See courier.h for what is said.
 */
#pragma once

#include "harness/courier/courier.h"

/* All functions do nothing, and succeed, when `control` is -1. */

/* Sends one message, waiting for room if `may_wait`; else it is dropped where there is none. */
void supervisor_send(int control, const struct courier_message *message, bool may_wait);

/* Sends a message that is only a kind. */
void supervisor_say(int control, enum courier_message_kind kind);

/*
 * Receives one message. Returns 1; 0: there is none now; -EPIPE: the supervisor is gone. Packets of
 * another size are passed over.
 */
__attribute__((warn_unused_result)) int supervisor_receive(int control,
                                                           struct courier_message *ret_message);
