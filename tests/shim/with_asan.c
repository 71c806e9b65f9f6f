/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An ASan program: forks a child that leaves by _exit, and returns. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int status = 0;
    char *memory = malloc(16);
    pid_t pid = fork();

    if (pid == 0)
        _exit(memory ? 3 : 4);
    free(memory);
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}
