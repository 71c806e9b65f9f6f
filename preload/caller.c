/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Finds out how much of the stack may be copied. No state.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 */
#include "preload/caller.h"

#include "sdk/spool/raw_syscall.h"

#include <pthread.h>
#include <stdbool.h>

/* Of the dynamic loader: where the main thread's stack began (GLIBC_2.2.5). */
extern void *__libc_stack_end;

/*
 * The smallest page that Linux has: on machines with larger ones a probe too many is made.
 */
#define PAGE_SIZE 4096u

/*
 * Whether 8 bytes at `address` can be read. The kernel reads the new mask before it looks at `how`,
 * so it answers EFAULT or EINVAL and changes nothing (kernel/signal.c, rt_sigprocmask). The call is
 * one that every sandbox allows, unlike process_vm_readv.
 */
static bool readable(uintptr_t address)
{
    return RAW_SYSCALL(SYS_rt_sigprocmask, -1, address, NULL, 8) != -EFAULT;
}

/* The calling thread's descriptor: glibc puts it at the end of a thread's stack. */
static uintptr_t thread_descriptor(void)
{
#if defined(__x86_64__)
    uintptr_t self;

    __asm__("mov %%fs:0, %0" : "=r"(self)); /* pthread_self() without entering libc */
    return self;
#else
    return (uintptr_t)pthread_self();
#endif
}

/* Cuts the window at `end` if that lies in it. */
static size_t cut(uintptr_t sp, size_t size, uintptr_t end)
{
    return end > sp && end - sp < size ? end - sp : size;
}

size_t caller_stack_size(uintptr_t sp, size_t limit)
{
    size_t size = limit;
    uintptr_t page = sp & ~(uintptr_t)(PAGE_SIZE - 1);

    if (sp == 0 || limit == 0 || sp % sizeof(void *) != 0 || sp > UINTPTR_MAX - limit)
        return 0;
    size = cut(sp, size, (uintptr_t)__libc_stack_end);
    size = cut(sp, size, thread_descriptor()); /* it holds secrets of the process */
    for (; page < sp + size; page += PAGE_SIZE) {
        if (!readable(page < sp ? sp : page))
            return page < sp ? 0 : page - sp;
    }
    return size;
}
