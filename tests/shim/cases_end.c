/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Ways in which a process ends. args[0] is the status where there is one. */
#include "sdk/spool/session.h"
#include "sdk/spool/spool.h"
#include "sdk/spool/spool_format.h"
#include "tests/shim/cases.h"

#include <dirent.h>
#include <dlfcn.h>
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int by_return(char **args)
{
    return atoi(args[0]);
}

static int by_exit(char **args)
{
    exit(atoi(args[0]));
}

static int by__exit(char **args)
{
    _exit(atoi(args[0]));
}

static int by__Exit(char **args)
{
    _Exit(atoi(args[0]));
}

static int by_quick_exit(char **args)
{
    quick_exit(atoi(args[0]));
}

static int by_abort(char **args)
{
    (void)args;
    abort();
}

static int by_kill(char **args)
{
    kill(getpid(), atoi(args[0]));
    return 0;
}

static int by_raw_exit(char **args)
{
    syscall(SYS_exit_group, atoi(args[0]));
    return 0;
}

/* exit() inside the C library is not seen as a call. */
static int by_err(char **args)
{
    errx(atoi(args[0]), "that is all");
}

static void *exit_in_thread(void *status)
{
    exit(atoi(status));
}

static int by_thread(char **args)
{
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, exit_in_thread, args[0]) == 0);
    pthread_join(thread, NULL);
    return 0;
}

static int by_last_thread(char **args)
{
    (void)args;
    pthread_exit(NULL);
}

static void leave_by_5(void)
{
    _exit(5);
}

static int by_handler(char **args)
{
    CHECK(atexit(leave_by_5) == 0);
    exit(atoi(args[0]));
}

static void fork_and_go_on(void)
{
    pid_t pid = fork();

    if (pid != 0)
        reap(pid, 4);
}

/* The child is born in an exit handler, and finishes the exit that its parent began. */
static int fork_in_handler(char **args)
{
    (void)args;
    CHECK(atexit(fork_and_go_on) == 0);
    exit(4);
}

/* Says where it leaves from, so that the record's registers and stack can be compared. */
__attribute__((noinline)) static int marked(char **args)
{
    volatile uint64_t mark[4] = {0x6c61737477007264, 1, 2, 3};

    (void)args;
    dprintf(1, "%p %p\n", (void *)(uintptr_t)marked, (void *)(uintptr_t)mark);
    _exit(mark[0] == 1);
}

static void *marked_in_thread(void *args)
{
    marked(args);
    return NULL;
}

/* A thread whose stack ends close above: fewer bytes than usual can be read. */
static int marked_thread(char **args)
{
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, marked_in_thread, args) == 0);
    pthread_join(thread, NULL);
    return 0;
}

/* Puts a courier into the header of this process's spool that will never store anything. */
static void pretend_courier(void)
{
    const struct spool_api *api = dlsym(RTLD_DEFAULT, "lastword_spool_v1");
    DIR *folder = opendir(api->session());
    struct dirent *entry;

    CHECK(folder != NULL);
    while ((entry = readdir(folder))) {
        struct spool_header *header;
        off_t place;
        int file;

        if (!strstr(entry->d_name, SESSION_SPOOL_SUFFIX))
            continue;
        file = openat(dirfd(folder), entry->d_name, O_RDWR | O_CLOEXEC);
        place = (off_t)spool_header_offset((uint64_t)lseek(file, 0, SEEK_END));
        header = mmap(NULL, sizeof(*header), PROT_READ | PROT_WRITE, MAP_SHARED, file, place);
        CHECK(header != MAP_FAILED);
        header->courier_pid = (uint32_t)getpid();
        munmap(header, sizeof(*header));
        close(file);
    }
    closedir(folder);
}

/* args[0]: how to end, with 3 where there is a status. */
static int unserved(char **args)
{
    pretend_courier();
    if (strcmp(args[0], "exit") == 0)
        exit(3);
    if (strcmp(args[0], "_exit") == 0)
        _exit(3);
    if (strcmp(args[0], "_Exit") == 0)
        _Exit(3);
    if (strcmp(args[0], "quick_exit") == 0)
        quick_exit(3);
    if (strcmp(args[0], "abort") == 0)
        abort();
    if (strcmp(args[0], "execve") == 0)
        execve(self, (char *[]){self, "raw_exit", "3", NULL}, (char *[]){NULL});
    return 3;
}

const struct shim_case end_cases[] = {
    {"unserved", unserved},
    {"return", by_return},
    {"exit", by_exit},
    {"_exit", by__exit},
    {"_Exit", by__Exit},
    {"quick_exit", by_quick_exit},
    {"abort", by_abort},
    {"kill", by_kill},
    {"raw_exit", by_raw_exit},
    {"err", by_err},
    {"thread", by_thread},
    {"last_thread", by_last_thread},
    {"handler", by_handler},
    {"fork_in_handler", fork_in_handler},
    {"marked", marked},
    {"marked_thread", marked_thread},
    {NULL, NULL},
};
