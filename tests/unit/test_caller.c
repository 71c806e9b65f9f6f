/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How much stack may be copied: never a byte that cannot be read. */
#include "preload/caller.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#define LIMIT 4096u

extern void *__libc_stack_end;

/* Two pages of which the second cannot be read. */
static uintptr_t half_mapped(void)
{
    uint8_t *pages = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    cr_assert_neq(pages, MAP_FAILED);
    cr_assert_eq(mprotect(pages + 4096, 4096, PROT_NONE), 0);
    return (uintptr_t)pages;
}

Test(caller, a_window_inside_the_stack_is_whole)
{
    char deep[2 * LIMIT];
    uintptr_t here = (uintptr_t)deep & ~(uintptr_t)7;

    deep[0] = 0;
    cr_assert_eq(caller_stack_size(here, LIMIT), LIMIT);
}

Test(caller, stops_where_memory_cannot_be_read)
{
    uintptr_t pages = half_mapped();

    cr_assert_eq(caller_stack_size(pages, LIMIT), 4096);
    cr_assert_eq(caller_stack_size(pages + 4088, LIMIT), 8);
    cr_assert_eq(caller_stack_size(pages + 1024, LIMIT), 3072);
    cr_assert_eq(caller_stack_size(pages + 4096, LIMIT), 0);
}

Test(caller, nonsense_gives_nothing)
{
    cr_assert_eq(caller_stack_size(0, LIMIT), 0);
    cr_assert_eq(caller_stack_size(8, LIMIT), 0);
    cr_assert_eq(caller_stack_size(half_mapped() + 3, LIMIT), 0);
    cr_assert_eq(caller_stack_size(UINTPTR_MAX - 7, LIMIT), 0);
}

Test(caller, ends_with_the_main_stack)
{
    cr_assert_eq(caller_stack_size((uintptr_t)__libc_stack_end - 16, LIMIT), 16);
}

static void *in_thread(void *ret_size)
{
    *(size_t *)ret_size = caller_stack_size((uintptr_t)pthread_self() - 64, LIMIT);
    return NULL;
}

Test(caller, ends_before_a_threads_descriptor)
{
    pthread_t thread;
    size_t size = 0;

    cr_assert_eq(pthread_create(&thread, NULL, in_thread, &size), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_assert_eq(size, 64);
}

Test(caller, errno_stays)
{
    errno = 7;
    (void)caller_stack_size(8, LIMIT);
    cr_assert_eq(errno, 7);
}

/* A wrapper as in the shim: the registers are those of its caller. */
__attribute__((noinline)) static struct caller wrapper(void)
{
    struct caller caller = CALLER();

#if defined(__x86_64__)
    cr_assert_eq(((const uintptr_t *)caller.sp)[-1], caller.pc, "the call pushed it there");
#endif
    return caller;
}

Test(caller, registers_are_the_callers)
{
    volatile char frame[64] = {0};
    struct caller caller = wrapper();

    cr_assert_eq(caller.fp, (uintptr_t)__builtin_frame_address(0));
    cr_assert_leq(caller.sp, (uintptr_t)frame);
    cr_assert_gt(caller.sp, (uintptr_t)frame - 4096);
}
