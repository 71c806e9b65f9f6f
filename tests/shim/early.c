/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A library whose constructor runs before the shim's own, since the program depends on it and it
 * does not depend on the shim. It forks, and it has the first word in every child.
 */
#include "tests/shim/early.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int early_status = -1;
int early_raises;

static void raise_in_child(void)
{
    if (early_raises)
        raise(SIGUSR1);
}

__attribute__((constructor)) static void early(void)
{
    pid_t pid;

    pthread_atfork(NULL, NULL, raise_in_child); /* before the shim registers its own */
    pid = fork();
    if (pid == 0)
        _exit(3);
    waitpid(pid, &early_status, 0);
}
