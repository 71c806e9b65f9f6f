/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Saving, for those who have found the stream already. */
#pragma once

#include "sdk/sinks.h"

/*
 * Makes `path` (checked text, not empty) the one sink of the stream. A stream that is off ignores
 * it. Returns true, or false with the call's error set: RECORDING_STREAM_SAVE_FAILURE.
 */
bool save_to(const struct argument_call *call, struct stream *stream, struct text path);
