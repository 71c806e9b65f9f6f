/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where the rows of a stream go beside the session's recording: files and viewers. The SDK only
 * says where, in the stream's definition; whoever stores the session does it.
 *
 * Thread-safe; safe in forked children. Not for signal handlers and fork hooks: files are opened,
 * and sink_finish waits.
 */
#pragma once

#include "sdk/stream.h"
#include "sdk/viewer_url.h"

/*
 * Makes `path` (UTF-8 without NUL, not empty) absolute and checks that it can be written, making an
 * empty file if there is none; an older one is left as it is. *ret_sink refers to `absolute`.
 * Returns true, or false with the call's error set: RECORDING_STREAM_SAVE_FAILURE.
 */
bool sink_check_file(const struct argument_call *call, struct text path,
                     char absolute[RECORDING_MAX_PATH + 1], struct text *ret_sink);

/*
 * Checks the URL of a viewer (UTF-8 without NUL; empty: the default). Nobody is called. *ret_sink
 * refers to `full`. Returns true, or false with the call's error set: INVALID_SERVER_URL.
 */
bool sink_check_viewer(const struct argument_call *call, struct text url,
                       char full[VIEWER_URL_MAX_SIZE], struct text *ret_sink);

/*
 * Replaces the sinks of a stream by `n` others (0: none; the rows are in the session's recording
 * all the same): absolute paths, and URLs with their scheme, as sink_check_* give them. Rows
 * logged from now on go there, and so do those logged while the stream had none. Files that it had
 * before are finished: see sink_finish, whose default bound holds. A viewer that was asked for is
 * noted once for each image (NOTE_VIEWER). A stream that is off ignores it. Returns 0; -EINVAL: one
 * is neither path nor URL; -E2BIG: more than RECORD_MAX_SINKS, or than RECORD_MAX_SINKS_SIZE bytes;
 * or a negative errno of struct spool_api.define: then nothing has changed.
 */
__attribute__((warn_unused_result)) int stream_set_sinks(struct stream *stream,
                                                         const struct text *sinks, size_t n);

/*
 * Makes sure that the files of the stream hold what this thread has logged, complete with their
 * index, so that anybody can open them: waits until the courier has written them, at most
 * timeout_ms (SINK_FINISH_DEFAULT) and LASTWORD_FLUSH_TIMEOUT (2 s). Of other threads and processes
 * they hold what is stored by then. Rows that come later are in them at the next call, or when the
 * session ends. Costs nothing where the stream has no file. Returns 0, at once where nobody serves
 * the session; -ETIMEDOUT: they will be written later; or as struct spool_api.begin.
 */
#define SINK_FINISH_DEFAULT UINT32_MAX
int sink_finish(struct stream *stream, uint32_t timeout_ms);
