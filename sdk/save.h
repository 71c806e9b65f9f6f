/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Naming the file that a recording is to be saved in. */
#pragma once

#include "sdk/stream.h"

/*
 * Makes `path` (not empty, at most RECORDING_MAX_PATH bytes) absolute, checks that it can be
 * written, making it if it is not there, and gives it to the stream. A stream that is off ignores
 * it. Thread-safe, fork-safe. Returns true, or false with the call's error set:
 * RECORDING_STREAM_SAVE_FAILURE.
 */
bool save_to(const struct argument_call *call, struct stream *stream, struct text path);
