/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A program of which coverage is taken: the child works 7 times, its parent 5 times, and both end
 * as the argument says. Neither build runtime sees an ending like that. An argument that is a path
 * is exec'd, and if that fails, there is work once more.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int n_done;

static void work(void)
{
    n_done++; /* counted */
}

static void end_by(const char *how)
{
    if (strcmp(how, "abort") == 0)
        abort();
    if (strcmp(how, "SIGTERM") == 0)
        raise(SIGTERM);
    if (strcmp(how, "exec") == 0)
        execl("/bin/true", "true", NULL);
    if (*how == '/') {
        execl(how, how, NULL);
        work();
    }
    _exit(3);
}

int main(int argc, char **argv)
{
    pid_t pid = fork();
    int n = pid == 0 ? 7 : 5;

    if (argc != 2)
        return 2;
    for (int i = 0; i < n; i++)
        work();
    if (pid > 0)
        waitpid(pid, NULL, 0);
    end_by(argv[1]);
}
