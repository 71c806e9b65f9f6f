/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What tests of the whole courier share: a session and a folder of their own, programs that log,
 * couriers in processes of their own, and a look at what arrived.
 */
#pragma once

#include "harness/courier/courier.h"
#include "row_writer.h"
#include "sdk/spool/session.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

extern char session[SESSION_PATH_SIZE];
extern char folder[64]; /* for recordings */
extern char output[96]; /* in it, not there at first */
extern char other_output[96];

/* What processes of a test share. */
struct case_shared {
    int result; /* of the last courier_run */
    struct courier_message report;
    char error_text[512];
    _Atomic uint64_t n_logged[8]; /* calls that returned success, by logger */
};
extern struct case_shared *shared;

/* For .init and .fini of a suite. */
void case_begin(void);
void case_end(void);

/* Programs: a forked child that runs `body` and leaves by _exit(0). run_program waits for its end,
 * which must be that, or a signal. */
pid_t start_program(void (*body)(void));
void reap(pid_t child);
void run_program(void (*body)(void));

/* Log 100 rows, or 20,000 longer ones, to /log. */
void log_100(void);
void log_much(void);

/*
 * A program that logs 100 rows, gives its word, waits for one, three times in all.
 */
pid_t start_steps(void);
extern int to_program[2];
extern int to_test[2];
void wait_for_word(int from);
void give_word(int to);

/* A courier without supervisor, to its end. Returns what courier_run returned. */
int deliver(const char *to);
_Noreturn void be_courier(const char *to, int control);

/* A courier under a supervisor, ready. */
struct served {
    pid_t courier;
    int control;
};
struct served serve(const char *to);
void say(const struct served *served, uint32_t kind, int32_t pid, int32_t wait_status);

/* Reads to the end of file and counts messages by kind. finish says FINISH before, and reaps. */
void hear(const struct served *served, size_t counts[32]);
void finish(const struct served *served, size_t counts[32]);

bool file_exists(const char *path);
size_t count_files(const char *pattern); /* in the session */
char *find_spool(char path[SESSION_PATH_SIZE + 64]);

/* Mounts a file system of its own for this process and its children; false: not allowed. */
bool mount_tmpfs(const char *where, const char *options);

/* Asserts that `entity` holds the numbers first, first + 1, ... in order of row ids, each once.
 * check_numbers returns how many. */
uint64_t check_numbers(const struct stored_texts *texts, const char *entity, uint64_t first);
void assert_numbers(const char *path, const char *entity, uint64_t first, uint64_t n);

/* Asserts that the recording has blueprint `number` once and whole, or not at all. */
void assert_blueprint(const char *path, unsigned int number, bool is_there);
