/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The notes that hold for a process: its own, and of its forebears in the family those that a fork
 * inherits: what was made safe there, and what could not be, is so in the child.
 */
#pragma once

#include "harness/courier/event_log.h"
#include "harness/courier/process_table.h"
#include "harness/wire/buffer.h"
#include "harness/wire/string_view.h"

/* Texts of one kind, each once: its own first, in the order in which they were said. */
struct process_notes {
    size_t n;
    struct string_view views[PROCESS_MAX_NOTES]; /* into texts: do not copy the struct */
    char texts[PROCESS_MAX_NOTES][RECORD_MAX_NOTE];
};

/*
 * Reads the notes of one kind (enum note_kind). Damaged ones are passed over, and so is what comes
 * after PROCESS_MAX_NOTES. `bytes`: room for one event. Returns 0, -ENOMEM, or the negative errno
 * of pread(2).
 */
__attribute__((warn_unused_result)) int
process_notes_read(struct process_notes *notes, const struct process_table *table,
                   const struct process *process, uint16_t kind, const struct event_log *log,
                   struct buffer *bytes);
