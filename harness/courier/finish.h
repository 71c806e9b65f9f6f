/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The end of a session: processes' rows, footer, the recording in its place, the files for save,
 * and nothing left behind. Each step can be the last before a death; the next courier goes on.
 */
#pragma once

#include "harness/courier/courier.h"
#include "harness/courier/process_fate.h"
#include "harness/courier/process_rows.h"
#include "harness/courier/recorder.h"
#include "harness/courier/sinks.h"
#include "harness/courier/uncovered.h"

/* What is needed beside the recorder. */
struct finish {
    struct recorder *recorder;
    struct sinks *sinks;
    const struct courier_options *options;
    const char *id;                    /* of the session */
    const struct uncovered *uncovered; /* n_uncovered programs that the shim did not enter */
    size_t n_uncovered;
    bool may_write_sinks; /* false: the session is another user's, who must not write our files */
    void (*progress)(void *context, uint64_t bytes); /* now and then; may be NULL */
    void *context;
};

/*
 * Writes the processes' rows and the footer behind the committed rows and makes the outbox the
 * output. Everything must be committed. Returns 0, -ENOMEM, or from the file system: nothing is
 * lost then, and the next courier does it again. `error` names the file and the remedy.
 */
__attribute__((warn_unused_result)) int finish_place(const struct finish *finish,
                                                     const struct process_fate *fates,
                                                     struct rrd_error *error);

/* Writes the files that programs named and that are not written yet, from the output in its place.
 * Errors as sinks_write. */
__attribute__((warn_unused_result)) int finish_sinks(const struct finish *finish,
                                                     struct rrd_error *error);

/*
 * Writes the files of one stream from what is committed, while programs run, so that they can be
 * read now. What cannot be written is tried again, and told, at the end.
 */
void finish_stream(const struct finish *finish, const struct stream *stream);

/* Fills in the counts of a COURIER_DONE, but for those of courier_tell_notes. */
void finish_report(const struct recorder *recorder, const struct process_fate *fates,
                   struct courier_message *report);

/* Removes what the courier keeps in the session: all is delivered. */
void finish_clean(struct recorder *recorder);
