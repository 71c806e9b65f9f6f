/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Programs that start programs, with environments of all kinds. */
#include "sdk/spool/spool.h"
#include "tests/shim/cases.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* Prints the values of the named variables, a line each. */
static int report(char **names)
{
    for (; *names; names++) {
        const char *value = getenv(*names);

        printf("%s=%s\n", *names, value ? value : "(none)");
    }
    return 0;
}

static int descriptor(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);

    CHECK(file >= 0);
    return file;
}

static void spawn(const char *function, const char *program, char **argv, char **envp)
{
    int result = 0;
    pid_t pid;

    if (strcmp(function, "posix_spawn") == 0)
        result = posix_spawn(&pid, program, NULL, NULL, argv, envp);
    else if (strcmp(function, "posix_spawnp") == 0)
        result = posix_spawnp(&pid, program, NULL, NULL, argv, envp);
    else
        return;
    if (result)
        _exit(result);
    reap(pid, 0);
    _exit(0);
}

/* Calls exec function `function`; those without an environment of their own find it in environ. */
static void call(const char *function, char *program, char **argv, char **envp)
{
    char *folder = dirname(strdup(program));

    spawn(function, program, argv, envp);
    environ = envp;
    if (strcmp(function, "execve") == 0)
        execve(program, argv, envp);
    if (strcmp(function, "execv") == 0)
        execv(program, argv);
    if (strcmp(function, "execvp") == 0)
        execvp(program, argv);
    if (strcmp(function, "execvpe") == 0)
        execvpe(program, argv, envp);
    if (strcmp(function, "execl") == 0)
        execl(program, argv[0], argv[1], argv[2], argv[3], argv[4], argv[5], NULL);
    if (strcmp(function, "execlp") == 0)
        execlp(program, argv[0], argv[1], argv[2], argv[3], argv[4], argv[5], NULL);
    if (strcmp(function, "execle") == 0)
        execle(program, argv[0], argv[1], argv[2], argv[3], argv[4], argv[5], NULL, envp);
    if (strcmp(function, "fexecve") == 0)
        fexecve(descriptor(program), argv, envp);
    if (strcmp(function, "execveat") == 0)
        execveat(descriptor(folder), basename(program), argv, envp, 0);
    if (strcmp(function, "execveat_fd") == 0)
        execveat(descriptor(program), "", argv, envp, AT_EMPTY_PATH);
    check(0, "returned, or no such function", __LINE__);
}

/* args: FUNCTION NAME...: runs `report` with nothing in its environment. */
static int with_empty(char **args)
{
    char *argv[7] = {self, "report"};
    char *empty[] = {NULL};

    for (size_t i = 2; i < 6 && args[i - 1]; i++)
        argv[i] = args[i - 1];
    call(args[0], self, argv, empty);
    return 0;
}

/* Makes a recording global, as the SDK does, and execs `report` with the environment as it is. */
static int with_recording(char **args)
{
    const struct spool_api *api = dlsym(RTLD_DEFAULT, "lastword_spool_v1");
    struct {
        struct record_recording head;
        char ids[16];
    } payload = {
        .head = {.id = 1, .store_kind = 1, .application_id_size = 3, .recording_id_size = 6},
        .ids = "apprecord",
    };
    const void *kept = NULL;
    char *argv[] = {self, "report", "LASTWORD_RECORDING_ID", "LASTWORD_APPLICATION_ID", NULL};

    (void)args;
    CHECK(api->define(RECORD_DEFINE_RECORDING, &payload, sizeof(payload), &kept) == 0);
    api->set_recording(kept);
    execv(self, argv);
    return 1;
}

/* args: PROGRAM ENTRY... -- NAME...: runs `PROGRAM report NAME...` with just these entries. */
static int with_entries(char **args)
{
    char **envp = args + 1, **rest = envp;
    char *argv[16] = {args[0], "report"};

    while (strcmp(*rest, "--") != 0)
        rest++;
    *rest++ = NULL;
    for (size_t i = 2; i < 15 && *rest; i++)
        argv[i] = *rest++;
    execve(args[0], argv, envp);
    return errno;
}

/* args: N FUNCTION: as with_empty, but with N entries of 100 bytes, more than fits on a stack. */
static int with_many(char **args)
{
    size_t n = (size_t)atoi(args[0]);
    char **envp = calloc(n + 1, sizeof(*envp));
    char *argv[] = {self, "report", "LASTWORD_SESSION", "V0", NULL, NULL, NULL};

    CHECK(envp != NULL);
    for (size_t i = 0; i < n; i++)
        CHECK(asprintf(&envp[i], "V%zu=%090zu", i, i) > 0);
    call(args[1], self, argv, envp);
    return 0;
}

/* Size of the address space; neighbouring mappings are one, so their number tells nothing. */
static long n_pages(void)
{
    FILE *statm = fopen("/proc/self/statm", "r");
    long n = 0;

    CHECK(statm != NULL);
    CHECK(fscanf(statm, "%ld", &n) == 1);
    fclose(statm);
    return n;
}

/* The mapping for a large environment goes, whether exec fails, or succeeds in a vfork child. */
static int mappings_go(char **args)
{
    char *envp[1001], *argv[] = {self, "return", "0", NULL};
    volatile long before = 0; /* volatile: vfork */

    (void)args;
    for (size_t i = 0; i < 1000; i++)
        envp[i] = "A=1";
    envp[1000] = NULL;
    for (volatile int i = 0; i < 20; i++) {
        pid_t pid;

        execve("/nonexistent", argv, envp);
        pid = vfork();
        if (pid == 0) {
            execve(self, argv, envp);
            _exit(9);
        }
        reap(pid, 0);
        CHECK(posix_spawn(&pid, self, NULL, NULL, argv, envp) == 0);
        reap(pid, 0);
        if (i == 1)
            before = n_pages();
    }
    return n_pages() == before ? 0 : 1;
}

/* args: FUNCTION PROGRAM: runs it with an empty environment; the status is its errno. */
static int failing(char **args)
{
    char *argv[] = {args[1], NULL};
    char *empty[] = {NULL};

    spawn(args[0], args[1], argv, empty);
    errno = 0;
    if (strcmp(args[0], "execvp") == 0)
        execvp(args[1], argv);
    else
        execve(args[1], argv, empty);
    return errno;
}

const struct shim_case exec_cases[] = {
    {"report", report},
    {"with_empty", with_empty},
    {"with_recording", with_recording},
    {"with_entries", with_entries},
    {"with_many", with_many},
    {"mappings_go", mappings_go},
    {"failing", failing},
    {NULL, NULL},
};
