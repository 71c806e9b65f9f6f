/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The functions behind ours: what the program would have called without the shim. */
#pragma once

#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* Marks a wrapper: the one kind of function that the library shows. */
#define HOOK __attribute__((visibility("default")))

/* Of the C library, but declared by none of its headers under _GNU_SOURCE. */
extern void (*bsd_signal(int number, void (*wanted)(int)))(int);
extern void (*__sysv_signal(int number, void (*wanted)(int)))(int);

/* sigset is old, which is no concern of who stands in front of it. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/* One slot for each row of hooks.def, of the type of the function. */
struct real_functions {
#define X(name, need) __typeof__(&name) name;
#include "preload/hooks.def"
#undef X
};

/*
 * The originals. NULL before real_resolve, and for a function that this C library does not have:
 * a wrapper that needs it then answers real_missing(), or makes the raw system call to end.
 */
extern struct real_functions real;

/*
 * Fills `real` by dlsym(RTLD_NEXT). Only from the constructor (or an earlier constructor's call of
 * one of our wrappers): dlsym locks and may allocate. Returns false if a REQUIRED one is missing.
 */
bool real_resolve(void);

/* Sets errno to ENOSYS and returns -1. */
int real_missing(void);

/* Ends the process by the raw system call. Async-signal-safe. */
_Noreturn void real_exit_group(int status);
