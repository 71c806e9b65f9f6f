/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One loop, one thread: poll() over the descriptors of all attempts. It judges between two rounds,
 * which takes a millisecond or two a case.
 */
#include "harness/scenario/runner.h"

#include "harness/scenario/job.h"
#include "harness/scenario/orphans.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct runner {
    const struct runner_options *options;
    const struct case_list *list;
    const struct runner_observer *observer;
    struct job *jobs;   /* n_jobs of them */
    struct pollfd *fds; /* the signals', then ATTEMPT_N_FDS for each job */
    struct orphans orphans;
    int signal_fd;
    size_t next;         /* case that begins next */
    unsigned repetition; /* of the whole list, from 1 */
    bool has_failed, is_interrupted;
};

/* --- What is next ----------------------------------------------------------------------------- */

static bool is_numbered(const struct runner *runner)
{
    return runner->options->n_repeats > 1 || runner->options->until_fail;
}

/* Goes on to the next repetition of the whole list. Returns whether there is something to begin. */
static bool has_next(struct runner *runner)
{
    const struct runner_options *options = runner->options;
    bool is_endless = options->until_fail && options->n_repeats <= 1;

    if (runner->is_interrupted || (options->until_fail && runner->has_failed)) {
        return false;
    }
    if (runner->next == runner->list->n && runner->list->n > 0 &&
        (is_endless || runner->repetition < options->n_repeats)) {
        runner->next = 0;
        runner->repetition++;
    }
    return runner->next < runner->list->n;
}

/* --- What dead supervisors leave behind ------------------------------------------------------- */

static void end_orphans(struct runner *runner)
{
    pid_t supervisors[RUNNER_MAX_JOBS];
    size_t n = 0;

    for (size_t i = 0; i < runner->options->n_jobs; i++) {
        if (runner->jobs[i].test != NULL && runner->jobs[i].attempt.pid > 0) {
            supervisors[n++] = runner->jobs[i].attempt.pid;
        }
    }
    orphans_end(&runner->orphans, supervisors, n);
}

/* --- Jobs ------------------------------------------------------------------------------------- */

static void tell(struct runner *runner, struct job *job)
{
    struct case_result result;

    job_conclude(job, &result);
    runner->has_failed |= runner->observer->ended(runner->observer->context, &result);
    job_done(job);
}

/* Returns 0 or -ENOMEM. */
static int fill_slot(struct runner *runner, size_t slot)
{
    while (runner->jobs[slot].test == NULL && has_next(runner)) {
        struct job *job = &runner->jobs[slot];
        const struct test_case *test = &runner->list->cases[runner->next++];
        int running = job_begin(job, runner->options, test,
                                is_numbered(runner) ? runner->repetition : 0, slot);
        if (running < 0) {
            return running;
        }
        if (running > 0) {
            runner->observer->started(runner->observer->context, job->name);
        } else {
            tell(runner, job);
        }
    }
    return 0;
}

static int advance(struct runner *runner, struct job *job, const struct pollfd *fds)
{
    if (!attempt_advance(&job->attempt, fds)) {
        if (attempt_now_us() > job->attempt.killed_at_us) {
            attempt_kill(&job->attempt);
        }
        return 0;
    }
    /* Before its files are read: who outlives a supervisor still writes to them. */
    if (!attempt_has_result(&job->attempt) || !job->attempt.result.stored) {
        end_orphans(runner);
    }
    int running = job_go_on(job);
    if (running == 0) {
        tell(runner, job);
    }
    return running < 0 ? running : 0;
}

/* --- The loop --------------------------------------------------------------------------------- */

static size_t n_running(const struct runner *runner)
{
    size_t n = 0;

    for (size_t i = 0; i < runner->options->n_jobs; i++) {
        n += runner->jobs[i].test != NULL;
    }
    return n;
}

static void on_signal(struct runner *runner)
{
    struct signalfd_siginfo info;

    while (read(runner->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        runner->is_interrupted = true;
        for (size_t i = 0; i < runner->options->n_jobs; i++) {
            runner->jobs[i].is_cancelled = true;
            if (runner->jobs[i].test != NULL) {
                attempt_cancel(&runner->jobs[i].attempt);
            }
        }
    }
}

/* Looks at the time once a second at least. */
static int wait_and_advance(struct runner *runner)
{
    size_t n_jobs = runner->options->n_jobs;
    int error = 0;

    runner->fds[0] = (struct pollfd){.fd = runner->signal_fd, .events = POLLIN};
    for (size_t i = 0; i < n_jobs; i++) {
        struct pollfd *fds = &runner->fds[1 + i * ATTEMPT_N_FDS];
        for (size_t j = 0; j < ATTEMPT_N_FDS; j++) {
            fds[j].fd = -1;
        }
        if (runner->jobs[i].test != NULL) {
            attempt_poll(&runner->jobs[i].attempt, fds);
        }
    }
    if (poll(runner->fds, 1 + n_jobs * ATTEMPT_N_FDS, 1000) < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    if (runner->fds[0].revents != 0) {
        on_signal(runner);
    }
    for (size_t i = 0; error == 0 && i < n_jobs; i++) {
        if (runner->jobs[i].test != NULL) {
            error = advance(runner, &runner->jobs[i], &runner->fds[1 + i * ATTEMPT_N_FDS]);
        }
    }
    return error;
}

static int run_all(struct runner *runner)
{
    int error = 0;

    do {
        for (size_t i = 0; error == 0 && i < runner->options->n_jobs; i++) {
            error = fill_slot(runner, i);
        }
        if (error == 0 && n_running(runner) > 0) {
            error = wait_and_advance(runner);
        }
    } while (error == 0 && (n_running(runner) > 0 || has_next(runner)));
    return error;
}

static int open_signals(sigset_t *ret_old)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, ret_old);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

/* In memory that is all zeros where it fails. */
static int prepare(struct runner *runner)
{
    const struct runner_options *options = runner->options;

    runner->jobs = calloc(options->n_jobs, sizeof *runner->jobs);
    runner->fds = calloc(1 + (size_t)options->n_jobs * ATTEMPT_N_FDS, sizeof *runner->fds);
    return runner->jobs != NULL && runner->fds != NULL
               ? orphans_init(&runner->orphans, options->n_jobs)
               : -ENOMEM;
}

static void finish(struct runner *runner)
{
    for (size_t i = 0; runner->jobs != NULL && i < runner->options->n_jobs; i++) {
        if (runner->jobs[i].test != NULL) {
            attempt_done(&runner->jobs[i].attempt);
        }
    }
    if (runner->orphans.others != NULL) {
        orphans_end(&runner->orphans, NULL, 0);
    }
    for (size_t i = 0; runner->jobs != NULL && i < runner->options->n_jobs; i++) {
        if (runner->jobs[i].test != NULL) {
            job_done(&runner->jobs[i]);
        }
    }
    orphans_done(&runner->orphans);
    free(runner->jobs);
    free(runner->fds);
}

int runner_run(const struct runner_options *options, const struct case_list *list,
               const struct runner_observer *observer)
{
    struct runner runner = {
        .options = options, .list = list, .observer = observer, .repetition = 1};
    struct sigaction old_child;
    sigset_t old;
    int error = open_signals(&old);

    if (error < 0) {
        return error;
    }
    runner.signal_fd = error;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    /* Where it is ignored, by inheritance, nobody can be waited for. */
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL}, &old_child);
    error = prepare(&runner);
    error = error == 0 ? run_all(&runner) : error;
    finish(&runner);
    sigaction(SIGCHLD, &old_child, NULL);
    close(runner.signal_fd);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return error == 0 && runner.is_interrupted ? -EINTR : error;
}
