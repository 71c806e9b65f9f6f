/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One child, made in each way that there is, which logs a line and ends in each way that there is:
 *
 *     birth fork "_exit 3"
 */
#include "ending.h"

#include <lastword.h>

#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static void say(const char *what)
{
    rr_error error = {0};

    if (!lw_log_textf("log", LW_LEVEL_INFO, &error, "%s, pid %d", what, getpid())) {
        fprintf(stderr, "birth: %s\n", error.description);
        exit(1);
    }
}

static pid_t start_by_spawn(char *self, char *end)
{
    char child[] = "child";
    char *words[] = {self, child, end, NULL};
    pid_t pid = -1;

    return posix_spawn(&pid, self, NULL, NULL, words, environ) == 0 ? pid : -1;
}

static void *start_in_thread(void *pid)
{
    *(pid_t *)pid = fork();
    if (*(pid_t *)pid == 0) {
        say("child");
        _exit(3);
    }
    return NULL;
}

static pid_t start_by_thread(void)
{
    pthread_t thread;
    pid_t pid = -1;

    return pthread_create(&thread, NULL, start_in_thread, &pid) == 0 &&
                   pthread_join(thread, NULL) == 0
               ? pid
               : -1;
}

static pid_t start(const char *how, char *self, char *end)
{
    if (!strcmp(how, "posix_spawn"))
        return start_by_spawn(self, end);
    if (!strcmp(how, "thread"))
        return start_by_thread();
    if (!strcmp(how, "_Fork"))
        return _Fork();
    if (!strcmp(how, "vfork")) {
        pid_t pid = vfork();

        if (pid == 0) {
            execl(self, self, "child", end, NULL);
            _exit(127);
        }
        return pid;
    }
    return fork();
}

int main(int argc, char **argv)
{
    pid_t child;

    if (argc != 3)
        return 2;
    if (!strcmp(argv[1], "child")) { /* exec'd: it has its recording from the environment */
        say("child");
        return end_by(argv[2]);
    }
    if (!lw_init(&(struct lw_options){.application_id = "birth"}, NULL))
        return 1;
    say("root");
    child = start(argv[1], argv[0], argv[2]);
    if (child == 0) {
        say("child");
        return end_by(argv[2]);
    }
    return child < 0 || waitpid(child, NULL, 0) != child;
}
