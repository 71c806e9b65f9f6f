/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Providers: what of the program's own buffers is made safe. A provider knows of one kind of buffer
 * that dies with its process, and how it is emptied. docs/providers.md is the page for users.
 */
#pragma once

#include "sdk/spool/setting.h"

#include <stdbool.h>
#include <stddef.h>

/* What LASTWORD_FLUSH asks for, word by word, terminated each; as long as the process. */
struct provider_asked {
    size_t n;
    const char *words[SETTING_FLUSH_WORDS];
};

/*
 * One row of the table. Functions that do nothing are NULL. All but detect run in fork and exit
 * paths: no allocation, no lock, no lookup.
 */
struct provider {
    const char *name;
    /*
     * In the constructor: is there something to do in this image? Looks up all that the others
     * need, and tells by provider_note what is covered, and what not and why.
     */
    bool (*detect)(const struct provider_asked *asked);
    void (*before_fork)(void); /* may wait, but not long */
    void (*in_parent)(void);   /* after the fork, also if it failed */
    void (*in_child)(void);
    void (*flush)(void); /* before an ending; may hang or crash: ending.h guards it */
};

/*
 * In the constructor, after PROCESS_START: fills the table's state. False if nothing is provided:
 * then nothing here is called again.
 */
bool provider_start(void);

/* Around a fork, where shim.flushes. */
void provider_before_fork(void);
void provider_in_parent(void);
void provider_in_child(void);

/* Flushes all, in the table's order. ending.c calls it, under its watchdog. */
void provider_flush(void);

/* Whose flush is running, for the note of a flush that takes too long; set by provider_flush and,
 * more exactly, by the providers. Static text. */
void provider_set_current(const char *name);
const char *provider_current(void);

/* Has somebody asked for `name`? */
bool provider_is_asked(const struct provider_asked *asked, const char *name);

/* Is this the process that was exec'd, and not one that was forked from it? */
bool provider_in_first_process(void);
/* Was provider_in_child called in this process, or is it the first? Not in a child of raw clone().
 */
bool provider_birth_seen(void);

/* Appends NOTE_NOT_COVERED "name: reason". Reason may be NULL: then NOTE_PROVIDER "name". */
void provider_note(const char *name, const char *reason);

/* --- The rows --------------------------------------------------------------------------------- */

/* provider_symbol.c: functions by name. */
bool symbol_detect(const struct provider_asked *asked);
void symbol_flush(void);
/* The address of a function in the executable itself, whose code is at least `least_code` bytes. */
void *symbol_in_executable(const char *name, size_t least_code);

/* provider_rerun.c: the official C SDK, linked statically. */
bool rerun_detect(const struct provider_asked *asked);
void rerun_flush(void);

/*
 * provider_python.c: the official Python SDK. Its rows go into the spool as soon as an interpreter
 * has imported it, so that there is nothing to flush: always false.
 */
bool python_detect(const struct provider_asked *asked);

/* provider_stdio.c: the C library's streams. */
bool stdio_detect(const struct provider_asked *asked);
void stdio_before_fork(void);
void stdio_in_child(void);
void stdio_flush(void);
