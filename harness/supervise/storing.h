/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the supervisor does about its courier: keeps one alive, hears what it says, and waits for
 * the recording.
 */
#pragma once

#include "harness/supervise/supervisor_state.h"

/*
 * Goes over to STORING and tells the courier to finish: `kind` is COURIER_FINISH, or
 * COURIER_FINISH_WHEN_FREE, after which it may be called again with the other. Clears all timers.
 */
void storing_begin(struct supervisor *self, enum courier_message_kind kind);

/* The courier's socket has become readable. */
void storing_receive(struct supervisor *self);

/* The courier has ended: its pidfd has become readable. Ends the run, or starts the next courier.
 */
void storing_on_courier_end(struct supervisor *self);

/* The timer SILENCE. */
void storing_on_silence(struct supervisor *self);
