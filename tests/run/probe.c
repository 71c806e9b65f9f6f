/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Prints what a program can see of how it was started, one fact a line, so that two starts can be
 * compared. Opens nothing before it has looked.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

extern char **environ;

static void print_descriptors(void)
{
    struct stat status;

    for (int fd = 0; fd < 4096; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && fstat(fd, &status) == 0) {
            printf("descriptor %d: flags %d, mode %o, %lu:%lu, at %ld\n", fd, flags,
                   fcntl(fd, F_GETFL), (unsigned long)status.st_dev, (unsigned long)status.st_ino,
                   (long)lseek(fd, 0, SEEK_CUR));
        }
    }
}

static void print_limits(void)
{
    struct rlimit limit;

    for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
        getrlimit((__rlimit_resource_t)resource, &limit);
        printf("limit %d: %lx %lx\n", resource, (unsigned long)limit.rlim_cur,
               (unsigned long)limit.rlim_max);
    }
}

static void print_attributes(void)
{
    char folder[4096];
    struct itimerval timer;
    int death_signal = 0, subreaper = 0;
    mode_t mask = umask(0);

    umask(mask);
    prctl(PR_GET_PDEATHSIG, &death_signal);
    prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
    getitimer(ITIMER_REAL, &timer);
    printf("umask %o\nfolder %s\ngroup %d\nsession %d\nforeground %d\n", mask,
           getcwd(folder, sizeof(folder)), (int)getpgrp(), (int)getsid(0), (int)tcgetpgrp(0));
    printf("nice %d\nscheduler %d\ndumpable %d\ndeath signal %d\nsubreaper %d\nslack %d\n",
           getpriority(PRIO_PROCESS, 0), sched_getscheduler(0), prctl(PR_GET_DUMPABLE),
           death_signal, subreaper, prctl(PR_GET_TIMERSLACK));
    printf("timer is set %d\n", timer.it_value.tv_sec != 0 || timer.it_value.tv_usec != 0);
}

/* Masks, dispositions, rights: as the kernel tells them. */
static void print_status(void)
{
    static const char *const names[] = {
        "Name:",   "Uid:",          "Gid:",          "Groups:", "Threads", "SigPnd:",
        "ShdPnd:", "SigBlk:",       "SigIgn:",       "SigCgt:", "Cap",     "NoNew",
        "Seccomp", "Cpus_allowed:", "Mems_allowed:", "Tracer"};
    char line[4096];
    FILE *file = fopen("/proc/self/status", "re");

    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            if (strncmp(line, names[i], strlen(names[i])) == 0) {
                fputs(line, stdout);
            }
        }
    }
}

int main(int argc, char **argv)
{
    print_descriptors();
    print_limits();
    print_attributes();
    print_status();
    for (int i = 0; i < argc; i++) {
        printf("argument %d: %s\n", i, argv[i]);
    }
    for (char **entry = environ; *entry != NULL; entry++) {
        printf("variable %s\n", *entry);
    }
    return 0;
}
