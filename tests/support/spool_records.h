/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A plain reader of whole spools for tests: everything committed, in order, copied out. It shares
 * no code with the writer or the courier but the format header, trusts its input, and exits the
 * test on any surprise.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct spool_test_record {
    uint64_t family;
    uint64_t serial; /* of the process in its family; 0 for definitions */
    uint64_t parent_serial;
    uint32_t pid; /* of the slot */
    uint32_t parent_pid;
    uint32_t tid;
    uint16_t kind; /* enum record_kind */
    uint64_t time_ns;
    uint32_t size;       /* of the payload */
    const void *payload; /* aligned to 8 */
};

struct spool_test_records {
    size_t n;
    struct spool_test_record *at; /* by file name, then in chain order, then by position */
    size_t n_reserved;            /* records that were reserved and never committed */
    size_t n_spools;
    uint64_t n_rows; /* sum of the blocks' counters */
};

/* Reads all spools of a session directory. Free the result with spool_test_records_free. */
struct spool_test_records spool_test_read(const char *session);
void spool_test_records_free(struct spool_test_records *records);

/* Makes a session below a new temporary base, and removes it with all it holds. */
void spool_test_session_make(char *path /* SESSION_PATH_SIZE */);
void spool_test_session_remove(const char *path);
