/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The object that stands in for rerun_bindings.PyRecordingStream: the number of one of our streams.
 *
 * A stream is freed when nothing refers to it any more: no object, and neither the process nor a
 * thread has it as its current recording. All functions need the GIL.
 */
#pragma once

#include "python/python_api.h"

#include "sdk/stream.h"

/* Makes the type, once. Returns a borrowed reference, or NULL with an exception. */
PyObject *recording_object_type(void);

/* A new object for a stream; None for NULL. Returns NULL with an exception when memory is short. */
PyObject *recording_object_new(struct stream *stream);

/* Keep a stream (NULL: nothing) while the GIL is released. The last one to go frees it, and lets
 * other threads run while it waits for the stream's files. */
void recording_refer(struct stream *stream);
void recording_unrefer(struct stream *stream);

/*
 * Reads an argument `recording`, NULL and None being the current recording: ret_stream is NULL if
 * there is none. Returns false, without an exception, for an object that is not ours: one of the
 * official SDK, or a wrong one.
 */
bool recording_argument_read(PyObject *recording, struct stream **ret_stream);

/*
 * The same for functions that log or set times: a program that never initialised, and was started
 * by one that has a current recording, takes that one for its own here.
 */
bool recording_argument_use(PyObject *recording, struct stream **ret_stream);

/*
 * Make a stream (NULL: none) the current one of the process, or of this thread. Return a new
 * reference to an object of the one before, None if there was none; NULL with an exception.
 */
PyObject *recording_set_global(struct stream *stream);
PyObject *recording_set_thread_local(struct stream *stream);

/* Notes that rows were logged to a stream, and asks. */
void recording_set_has_rows(const struct stream *stream);
bool recording_has_rows(const struct stream *stream);
