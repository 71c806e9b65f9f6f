/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From where a wrapper was called: what an unwinder needs to start. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct caller {
    uintptr_t pc; /* return address */
    uintptr_t sp; /* stack pointer after the return: the end of the wrapper's own frame */
    uintptr_t fp; /* the caller's frame pointer register, 0 where its place is not known */
};

/*
 * The registers of the wrapper's caller. Only in the wrapper itself: they are read from the frame
 * of the function that this is written in. backtrace() is no choice, it allocates.
 * On x86-64 and aarch64 the caller's frame pointer is the first word of the frame.
 */
#if defined(__x86_64__) || defined(__aarch64__)
#define CALLER_FP() (*(const uintptr_t *)__builtin_frame_address(0))
#else
#define CALLER_FP() ((uintptr_t)0)
#endif
#define CALLER()                                                                                   \
    ((struct caller){                                                                              \
        .pc = (uintptr_t)__builtin_extract_return_addr(__builtin_return_address(0)),               \
        .sp = (uintptr_t)__builtin_dwarf_cfa(),                                                    \
        .fp = CALLER_FP(),                                                                         \
    })

/*
 * How many bytes from `sp` on can be read and belong to the calling thread's stack, at most
 * `limit`. Never faults, whatever `sp` is. Async-signal-safe; keeps errno.
 */
size_t caller_stack_size(uintptr_t sp, size_t limit);
