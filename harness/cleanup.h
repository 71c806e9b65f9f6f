/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a variable owns is given back when it leaves its scope: write CLEANUP(free_pointer) before
 * it.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>

/* `function` takes a pointer to the variable. */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* For a pointer from malloc and its kin; NULL is allowed. */
static inline void free_pointer(void *variable)
{
    free(*(void **)variable);
}

/* For a FILE *; NULL is allowed. Where losing what was written matters, close it by hand first. */
static inline void close_file(FILE **variable)
{
    if (*variable != NULL) {
        fclose(*variable);
    }
}
