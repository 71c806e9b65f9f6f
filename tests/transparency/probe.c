/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * usage: probe FILE [LABEL [ARGUMENT...]]
 *
 * Tells FILE what a program can see of how it was started, so that two starts can be compared: of
 * itself
 * ("direct"), and of a child of each kind. With a LABEL it is such a child, and tells of itself
 * alone.
 */
#include "tests/transparency/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAILED 99

extern char **environ;

static const char *own_path; /* of this program */
static const char *file;

static void reap(pid_t pid)
{
    int status;
    pid_t reaped;

    do
        reaped = waitpid(pid, &status, 0);
    while (reaped < 0 && errno == EINTR);
    /* Where SIGCHLD is ignored the kernel reaps, and wait says that there is none. */
    if (pid < 0 || (reaped == pid && status != 0) || (reaped < 0 && errno != ECHILD)) {
        perror("probe: child");
        exit(FAILED);
    }
}

static char **arguments(const char *label)
{
    static char *argv[5];

    argv[0] = strdup("another name");
    argv[1] = strdup(file);
    argv[2] = strdup(label);
    argv[3] = strdup("");
    return argv;
}

static void by_fork(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        facts_tell(file, "fork", NULL);
        _exit(0);
    }
    reap(pid);
}

static void by_raw_clone(void)
{
    pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

    if (pid == 0) {
        facts_tell(file, "clone", NULL);
        _exit(0);
    }
    reap(pid);
}

static void by_exec(void)
{
    char **argv = arguments("exec");
    pid_t pid = fork();

    if (pid == 0) {
        execv(own_path, argv);
        _exit(FAILED);
    }
    reap(pid);
}

/* With an environment of its own, as env -i gives. */
static void by_vfork(void)
{
    char **argv = arguments("vfork");
    char *envp[] = {(char[]){"ONLY=this"}, NULL};
    pid_t pid = vfork();

    if (pid == 0) {
        execve(own_path, argv, envp);
        _exit(FAILED);
    }
    reap(pid);
}

static void by_spawn(void)
{
    pid_t pid = -1;

    if (posix_spawn(&pid, own_path, NULL, NULL, arguments("spawn"), environ) != 0)
        pid = -1;
    reap(pid);
}

/* The attributes that say what the child finds. */
static void by_spawn_with_attributes(void)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t mask, defaults;
    pid_t pid = -1;

    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(&attributes, &mask);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 11, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addchdir_np(&actions, "/");
    if (posix_spawnp(&pid, own_path, &actions, &attributes, arguments("attributes"), environ) != 0)
        pid = -1;
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    reap(pid);
}

static char *command(const char *label)
{
    char *line = NULL;

    if (asprintf(&line, "exec '%s' '%s' %s ''", own_path, file, label) < 0)
        exit(FAILED);
    return line;
}

static void by_system(void)
{
    int status = system(command("system"));

    if (status != 0 && !(status == -1 && errno == ECHILD))
        exit(FAILED);
}

static void by_popen(void)
{
    FILE *pipe = popen(command("popen"), "r");

    if (!pipe)
        exit(FAILED);
    while (getc(pipe) != EOF) {
    }
    pclose(pipe);
}

/* A daemon's parent is who adopts orphans. Its end of the pipe says when it has told. */
static void by_daemon(void)
{
    int ends[2];
    char nothing;
    pid_t pid;

    if (pipe(ends) < 0)
        exit(FAILED);
    pid = fork();
    if (pid == 0) {
        close(ends[0]);
        if (daemon(1, 1) == 0)
            facts_tell(file, "daemon", NULL);
        _exit(0);
    }
    close(ends[1]);
    reap(pid);
    if (read(ends[0], &nothing, 1) != 0)
        exit(FAILED);
    close(ends[0]);
}

int main(int argc, char **argv)
{
    facts_at_start();
    if (argc < 2)
        return FAILED;
    own_path = realpath("/proc/self/exe", NULL);
    file = argv[1];
    if (argc > 2 && *argv[2]) {
        facts_tell(file, argv[2], argv);
        return 0;
    }
    facts_tell(file, "direct", argv);
    by_fork();
    by_raw_clone();
    by_exec();
    by_vfork();
    by_spawn();
    by_spawn_with_attributes();
    by_system();
    by_popen();
    by_daemon();
    return 0;
}
