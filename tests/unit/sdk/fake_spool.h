/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A spool that keeps its records where the tests can see them: the table lastword_spool_v1 on a
 * piece of shared memory, so that what forked children log can be looked at too. Each Criterion
 * test runs in a process of its own and starts with an empty one.
 */
#pragma once

#include "sdk/include/lastword.h"
#include "sdk/record/record.h"
#include "sdk/spool/spool.h"

#include <sys/types.h>

#define FAKE_MAX_RECORDS 4096

/* One record that was begun. The payload is aligned to 8. */
struct fake_record {
    const void *payload;
    uint64_t size;
    uint64_t time_ns;
    uint64_t used; /* bytes put so far */
    pid_t pid;
    uint16_t kind;
    _Atomic bool is_committed;
};

struct fake_spool {
    /* What the spool answers: 0, or a negative errno. */
    int open_error, begin_error, end_error, define_error, wait_error;
    uint64_t window_size; /* bytes that a cursor shows at once; 0: all */
    bool is_closed;       /* until `open` is called with create_session */

    /* What it was asked. */
    _Atomic uint32_t n_opened;
    uint32_t n_thread_waits; /* calls of wait_thread */
    uint32_t wait_timeout_ms;
    const struct record_recording *recording; /* by set_recording */

    _Atomic uint32_t n_ids;
    _Atomic uint32_t n_records;
    struct fake_record records[FAKE_MAX_RECORDS];
};

extern struct fake_spool *fake_spool;

/* The number of committed records of that kind. */
uint32_t fake_count(uint16_t kind);

/* The n-th committed record of that kind, from 0; the test fails when there is none. */
const struct fake_record *fake_record_at(uint16_t kind, uint32_t n);

/* The same, taken apart; the test fails when it is malformed. */
void fake_row_at(uint32_t n, struct record_row_view *ret_view);
void fake_recording_at(uint32_t n, struct record_recording_view *ret_view);
void fake_component_at(uint32_t n, struct record_component_view *ret_view);

/* The batch of that component in a row; the test fails when it has none, or nodes do not fit it. */
const struct record_batch_view *fake_batch(const struct record_row_view *row,
                                           uint32_t component_id);

/* True when the row's batch is one text, and this one. */
bool fake_is_text(const struct record_row_view *row, uint32_t component_id, const char *text);

/* Makes a recording and makes it the current one; returns its handle. */
rr_recording_stream fake_start(void);

/* Waits for a child; returns its exit status, or 128 + signal. */
int fake_wait(pid_t child);

/* A string of the interface. */
#define STRING(text) rr_make_string(text)

/* The test fails unless `error` has the code, and a text with that part; then it is empty again. */
#define assert_error(error, expected_code, part)                                                   \
    do {                                                                                           \
        cr_assert_eq((error).code, (expected_code), "code %#x: %s", (error).code,                  \
                     (error).description);                                                         \
        cr_assert(strstr((error).description, (part)) != NULL, "no \"%s\" in: %s", (part),         \
                  (error).description);                                                            \
        (error) = (rr_error){0};                                                                   \
    } while (0)

#define assert_no_error(error)                                                                     \
    cr_assert_eq((error).code, RR_ERROR_CODE_OK, "code %#x: %s", (error).code, (error).description)
