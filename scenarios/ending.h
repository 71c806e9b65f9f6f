/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Ends a process in the words of a scenario's `ends`: "return 3", "exit 3", "_exit 3", "quick_exit
 * 3", "exec", "failed exec", "abort", "SIGKILL".
 */
#pragma once

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ends the process, or returns the status that main is to return. */
static inline int end_by(const char *how)
{
    int status = strchr(how, ' ') ? atoi(strchr(how, ' ')) : 0;

    if (!strncmp(how, "exit", 4))
        exit(status);
    if (!strncmp(how, "_exit", 5))
        _exit(status);
    if (!strncmp(how, "quick_exit", 10))
        quick_exit(status);
    if (!strcmp(how, "exec"))
        execlp("true", "true", NULL);
    if (!strcmp(how, "abort"))
        abort();
    if (!strcmp(how, "SIGKILL"))
        raise(SIGKILL);
    if (!strcmp(how, "SIGTERM"))
        raise(SIGTERM);
    if (!strcmp(how, "SIGSEGV"))
        raise(SIGSEGV);
    return status;
}
