/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Who lives: processes by pid and time, threads, and mappings that lose their file. */
#include "harness/courier/bus_guard.h"
#include "harness/courier/liveness.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t boottime_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

Test(liveness, a_process_lives_until_it_ends)
{
    int hold[2];
    int descriptor;
    pid_t child;

    cr_assert_eq(pipe(hold), 0);
    child = fork();
    if (child == 0) {
        char byte;

        close(hold[1]);
        _exit(read(hold[0], &byte, 1) == 0 ? 0 : 1);
    }
    descriptor = liveness_open((uint32_t)child, boottime_ns());
    cr_assert(descriptor >= 0, "%d", descriptor);
    cr_assert_not(liveness_is_over(descriptor));
    close(hold[1]);
    cr_assert_eq(waitid(P_PID, (id_t)child, NULL, WEXITED | WNOWAIT), 0);
    cr_assert(liveness_is_over(descriptor), "a zombie is over");
    close(descriptor);
    cr_assert_eq(waitpid(child, NULL, 0), child);
    cr_assert_eq(liveness_open((uint32_t)child, boottime_ns()), -ESRCH);
}

Test(liveness, a_process_that_began_later_is_another_one)
{
    cr_assert_eq(liveness_open((uint32_t)getpid(), 1), -ESRCH);
}

Test(liveness, no_pid_cannot_be_told)
{
    cr_assert_eq(liveness_open(0, boottime_ns()), -ENOTSUP);
}

Test(liveness, who_maps_a_file_is_known_by_our_pid)
{
    char path[] = "/tmp/test-maps-XXXXXX";
    int file = mkstemp(path);
    void *page;

    cr_assert_eq(ftruncate(file, 4096), 0);
    cr_assert_not(liveness_maps((uint32_t)getpid(), path));
    page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
    cr_assert(page != MAP_FAILED);
    cr_assert(liveness_maps((uint32_t)getpid(), path));
    cr_assert_not(liveness_maps((uint32_t)getppid(), path), "another process does not");
    cr_assert_not(liveness_maps(0, path));
    munmap(page, 4096);
    close(file);
    unlink(path);
}

static _Atomic int other_tid;

static void *tell_tid(void *unused)
{
    other_tid = gettid();
    return unused;
}

Test(liveness, a_thread_is_gone_when_it_has_ended)
{
    pthread_t thread;

    cr_assert_eq(pthread_create(&thread, NULL, tell_tid, NULL), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    /* The join returns when the kernel clears the tid; the entry in /proc goes a little later. */
    for (int i = 0; i < 1000 && !liveness_thread_is_gone((uint32_t)getpid(), (uint32_t)other_tid);
         i++)
        usleep(1000);
    cr_assert(liveness_thread_is_gone((uint32_t)getpid(), (uint32_t)other_tid));
    cr_assert_not(liveness_thread_is_gone((uint32_t)getpid(), (uint32_t)getpid()));
}

static void touch(void *page)
{
    ++*(volatile char *)page;
}

Test(bus_guard, a_page_that_the_file_lost_is_survived)
{
    char path[] = "/tmp/test-bus-XXXXXX";
    int file = mkstemp(path);
    char *page;

    cr_assert_eq(ftruncate(file, 8192), 0);
    page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    cr_assert(page != MAP_FAILED);
    cr_assert(bus_guard_run(touch, page + 4096));
    cr_assert_eq(ftruncate(file, 4096), 0);
    for (int i = 0; i < 3; i++)
        cr_assert_not(bus_guard_run(touch, page + 4096));
    cr_assert(bus_guard_run(touch, page));
    munmap(page, 8192);
    close(file);
    unlink(path);
}

Test(bus_guard, outside_of_it_a_bus_error_is_deadly, .signal = SIGBUS)
{
    char path[] = "/tmp/test-bus-XXXXXX";
    int file = mkstemp(path);
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    char byte;

    unlink(path);
    (void)!bus_guard_run(touch, &byte);
    touch(page);
}
