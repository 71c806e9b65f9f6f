/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a program must not notice. */
#include "sdk/spool/spool.h"
#include "tests/shim/cases.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* No call leaves another errno than the C library does: here, none. */
static int keeps_errno(char **args)
{
    pid_t pid;
    int status;

    (void)args;
    errno = 77;
    pid = fork();
    CHECK(errno == 77);
    if (pid == 0)
        _exit(3);
    CHECK(waitpid(pid, &status, 0) == pid && errno == 77);
    pid = _Fork();
    CHECK(errno == 77);
    if (pid == 0)
        _exit(3);
    CHECK(wait(&status) == pid && errno == 77);
    return 0;
}

/* Each call that fails leaves the errno of its failure. */
static int tells_errors(char **args)
{
    char *argv[] = {"x", NULL};
    const char *volatile no_path = NULL;
    pid_t pid;

    (void)args;
    CHECK(execv("/nonexistent", argv) == -1 && errno == ENOENT);
    CHECK(execve("/etc", argv, NULL) == -1 && errno == EACCES);
    CHECK(execlp("no-such-program", "x", NULL) == -1 && errno == ENOENT);
    CHECK(execv(no_path, argv) == -1 && errno == EFAULT);
    CHECK(fexecve(-1, argv, argv) == -1 && errno == EINVAL);
    CHECK(execveat(-1, "x", argv, argv, 0) == -1 && errno == EBADF);
    CHECK(waitpid(-1, NULL, 0) == -1 && errno == ECHILD);
    CHECK(waitid(P_ALL, 0, NULL, 0) == -1 && errno == EINVAL);
    errno = 77;
    CHECK(posix_spawn(&pid, "/nonexistent", NULL, NULL, argv, NULL) == ENOENT);
    return 0;
}

static int keeps_mask(char **args)
{
    sigset_t wanted, found;
    pid_t pid;

    (void)args;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGUSR1);
    sigaddset(&wanted, SIGRTMIN + 3);
    sigprocmask(SIG_SETMASK, &wanted, NULL);
    pid = fork();
    sigprocmask(SIG_SETMASK, NULL, &found);
    for (int signal = 1; signal <= SIGRTMAX; signal++)
        CHECK(sigismember(&wanted, signal) == sigismember(&found, signal));
    if (pid == 0)
        _exit(3);
    reap(pid, 3);
    return 0;
}

/* Two unfinished lines: exit() writes its one, _exit() does not. */
static int leaves_stdio(char **args)
{
    pid_t pid;

    (void)args;
    printf("parent ");
    pid = fork();
    if (pid == 0) {
        printf("child ");
        _exit(3);
    }
    reap(pid, 3);
    pid = fork();
    if (pid == 0)
        exit(3);
    reap(pid, 3);
    return 0;
}

static size_t n_entries(const char *path)
{
    DIR *folder = opendir(path);
    size_t n = 0;

    CHECK(folder != NULL);
    while (readdir(folder))
        n++;
    closedir(folder);
    return n;
}

/* Prints how many descriptors and threads there are, before and after all kinds of calls. */
static int counts(char **args)
{
    pid_t pid = fork();

    (void)args;
    dprintf(1, "%zu %zu\n", n_entries("/proc/self/fd"), n_entries("/proc/self/task"));
    if (pid == 0)
        _exit(3);
    reap(pid, 3);
    execl("/nonexistent", "x", NULL);
    execl("/etc/passwd", "x", NULL);
    execlp("no-such-program", "x", NULL);
    dprintf(1, "%zu\n", n_entries("/proc/self/fd"));
    return 0;
}

/* Without descriptors of its own the spool goes on. */
static int closes_all(char **args)
{
    pid_t pid;

    (void)args;
    CHECK(syscall(SYS_close_range, 3u, ~0u, 0u) == 0);
    pid = fork();
    if (pid == 0)
        _exit(3);
    reap(pid, 3);
    return 0;
}

/* The table that the shim exports; NULL without the shim. */
static const struct spool_api *table(void)
{
    return dlsym(RTLD_DEFAULT, "lastword_spool_v1");
}

static void put_row(const struct spool_api *api)
{
    struct spool_cursor cursor;
    uint64_t payload[3] = {1, 2, 3};

    CHECK(api->begin(&cursor, RECORD_ROW, 1, sizeof(payload)) == 0);
    memcpy(cursor.at, payload, sizeof(payload));
    cursor.at += sizeof(payload);
    CHECK(api->end(&cursor) == 0);
}

static _Atomic int stop;

static void *log_and_allocate(void *api)
{
    do {
        void *memory = malloc(100);

        put_row(api);
        free(memory);
    } while (!stop);
    return NULL;
}

static void *fork_children(void *api)
{
    for (int i = 0; i < 50; i++) {
        pid_t pid = fork();

        if (pid == 0) {
            free(malloc(100));
            put_row(api);
            _exit(3);
        }
        reap(pid, 3);
    }
    return NULL;
}

/* Fork in a thread, while others log and allocate. */
static int busy_threads(char **args)
{
    void *api = (void *)(uintptr_t)table();
    pthread_t busy[2], forking_thread;

    (void)args;
    CHECK(api != NULL);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&busy[i], NULL, log_and_allocate, api) == 0);
    CHECK(pthread_create(&forking_thread, NULL, fork_children, api) == 0);
    pthread_join(forking_thread, NULL);
    stop = 1;
    pthread_join(busy[0], NULL);
    pthread_join(busy[1], NULL);
    return 0;
}

/* The wrappers' own calls of the allocator, counted where the child cannot hide them. */
static _Atomic int *n_allocations;

extern void *__libc_malloc(size_t size);

__attribute__((visibility("default"))) void *malloc(size_t size)
{
    if (n_allocations)
        ++*n_allocations;
    return __libc_malloc(size);
}

static int allocates_nothing(char **args)
{
    _Atomic int *counter =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    void *(*volatile allocate)(size_t) = malloc; /* the compiler must not see through it */
    char *argv[] = {"x", NULL};
    int status;
    pid_t pid;

    n_allocations = counter;
    if (args[0])
        free(allocate(1)); /* the control: the counter counts */
    pid = fork();
    if (pid == 0)
        _exit(3);
    CHECK(waitpid(pid, &status, 0) == pid);
    pid = _Fork();
    if (pid == 0)
        _Exit(3);
    CHECK(waitid(P_PID, (id_t)pid, NULL, WEXITED) == 0);
    execve("/nonexistent", argv, NULL);
    execvp("no-such-program", argv);
    _exit(*counter);
}

/* From here on clone() answers EAGAIN in this process. */
static void forbid_fork(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof(code) / sizeof(*code), .filter = code};

    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static int cannot_fork(char **args)
{
    (void)args;
    forbid_fork();
    CHECK(fork() == -1 && errno == EAGAIN);
    CHECK(_Fork() == -1 && errno == EAGAIN);
    CHECK(daemon(1, 1) == -1 && errno == EAGAIN);
    return 0;
}

/* --- Small stacks ---------------------------------------------------------------------------- */

#define SMALL_STACK 8192 /* SIGSTKSZ of old; a frame of the kernel takes up to half of it */

static const char *start_function;

/* Starts /bin/true in the way that start_function names; the environment needs all that we add. */
static void start_true(void)
{
    char *argv[] = {"true", NULL}, *envp[] = {NULL};
    pid_t pid = -1;

    if (strcmp(start_function, "execve") == 0) {
        execve("/bin/true", argv, envp);
    } else if (strcmp(start_function, "execvpe") == 0) {
        execvpe("true", argv, envp);
    } else if (strcmp(start_function, "posix_spawn") == 0) {
        CHECK(posix_spawn(&pid, "/bin/true", NULL, NULL, argv, envp) == 0);
    } else {
        pid = vfork();
        if (pid == 0) {
            execve("/bin/true", argv, envp);
            _exit(2);
        }
    }
    reap(pid, 0);
    _exit(0);
}

static void on_signal(int number)
{
    (void)number;
    start_true();
}

static void *in_thread(void *nothing)
{
    start_true();
    return nothing;
}

/* A page that cannot be touched lies below. */
static void *make_stack(size_t size)
{
    char *memory =
        mmap(NULL, 4096 + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(memory != MAP_FAILED && mprotect(memory, 4096, PROT_NONE) == 0);
    return memory + 4096;
}

static void on_alternative_stack(void)
{
    stack_t stack = {.ss_sp = make_stack(SMALL_STACK), .ss_size = SMALL_STACK};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};

    /* Where the kernel's frame is larger there is no such stack. */
    if (sigaltstack(&stack, NULL) < 0)
        _exit(0);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
}

static void on_smallest_thread(void)
{
    size_t size = (size_t)PTHREAD_STACK_MIN;
    pthread_attr_t attributes;
    pthread_t thread;

    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstack(&attributes, make_stack(size), size) == 0);
    CHECK(pthread_create(&thread, &attributes, in_thread, NULL) == 0);
    pthread_join(thread, NULL);
}

/* Programs are started from where there is hardly any stack, as crash handlers start debuggers. */
static int small_stacks(char **args)
{
    static const char *const functions[] = {"execve", "execvpe", "posix_spawn", "vfork"};

    (void)args;
    for (size_t i = 0; i < 2 * sizeof(functions) / sizeof(*functions); i++) {
        pid_t pid;

        start_function = functions[i / 2];
        pid = fork();
        if (pid == 0) {
            if (i % 2)
                on_alternative_stack();
            else
                on_smallest_thread();
            _exit(3);
        }
        reap(pid, 0);
    }
    return 0;
}

const struct shim_case guest_cases[] = {
    {"keeps_errno", keeps_errno},
    {"tells_errors", tells_errors},
    {"keeps_mask", keeps_mask},
    {"leaves_stdio", leaves_stdio},
    {"counts", counts},
    {"closes_all", closes_all},
    {"busy_threads", busy_threads},
    {"allocates_nothing", allocates_nothing},
    {"cannot_fork", cannot_fork},
    {"small_stacks", small_stacks},
    {NULL, NULL},
};
