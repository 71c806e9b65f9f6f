/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * System calls without the C library: RAW_SYSCALL(SYS_getpid), RAW_SYSCALL(SYS_kill, pid, signal).
 * Returns what the kernel returns: a result or a negative errno. errno is not touched.
 *
 * Used where a process has just been forked or is about to end. A forked child has none of its
 * file's pages in its page tables: each part of libc that it enters costs it a page fault, about as
 * much as ten system calls. For the same reason these paths do not ask the vDSO for the time. A new
 * image is in the same position.
 */
#pragma once

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline long raw_syscall(long number, long a, long b, long c, long d, long e, long f)
{
#if defined(__x86_64__)
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;

    __asm__ volatile("svc 0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return x0;
#else
    int saved = errno;
    long result = syscall(number, a, b, c, d, e, f);

    result = result == -1 ? -errno : result;
    errno = saved;
    return result;
#endif
}

#define RAW_SYSCALL(...) RAW_SYSCALL_6(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define RAW_SYSCALL_6(n, a, b, c, d, e, f, ...)                                                    \
    raw_syscall(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
