/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The supervisor's loop. One thread; all state is in struct supervisor (supervisor_state.h),
 * on the stack of supervisor_run. It waits in poll() alone and never blocks elsewhere, but for a
 * stop that mirrors the program's.
 */
#include "harness/supervise/supervisor.h"

#include "harness/supervise/activity.h"
#include "harness/supervise/program.h"
#include "harness/supervise/stop.h"
#include "harness/supervise/storing.h"
#include "harness/supervise/supervisor_state.h"
#include "harness/supervise/tree.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TERM_TO_KILL_MS 2000 /* what a program gets to end by itself after the time-out */
#define SWEEP_EVERY_MS  50   /* how often new descendants are looked for while killing */
#define CHASE_MS        20   /* of each sweep */
#define GIVE_UP_MS      5000 /* after the first SIGKILL: what lives on cannot be killed */

/* ---- phases ---- */

/* Adds all that live now, and what they do. */
static void note_living(struct supervisor *self, struct report_list *list, bool wants_streams)
{
    struct tree tree;

    if (descendants_scan(&self->descendants, &tree) < 0) {
        return;
    }
    for (size_t i = 0; i < tree.n_processes; i++) {
        const struct tree_process *process = &tree.processes[i];
        struct report_process *added = report_add(list, process->pid, 0, process->command);
        if (added != NULL) {
            activity_read(process, added->doing, sizeof(added->doing));
            if (wants_streams) {
                activity_add_streams(process->pid, added->doing, sizeof(added->doing));
            }
        }
    }
    tree_done(&tree);
}

static void begin_grace(struct supervisor *self)
{
    timers_unset(&self->timers, TIME_OUT);
    if (self->options->subreaper) {
        self->phase = GRACE;
    } else {
        /* Orphans are no children of ours: the courier sees at the spools when the last is gone. */
        storing_begin(self, COURIER_FINISH_WHEN_FREE);
    }
    timers_set(&self->timers, SPEAK, SPEAK_AFTER_MS);
    timers_set(&self->timers, GRACE_END, self->options->grace_ms);
}

static void signal_family(struct supervisor *self, int signal_number)
{
    struct tree tree;

    if (descendants_scan(&self->descendants, &tree) < 0) {
        kill(self->root, signal_number);
        return;
    }
    size_t n_sent = tree_signal(&tree, signal_number);
    if (signal_number == SIGTERM) {
        self->result->n_ended = n_sent;
        tree_signal(&tree, SIGCONT); /* a stopped process does not see SIGTERM */
    }
    tree_done(&tree);
}

/* ---- deadlines ---- */

static void reap(struct supervisor *self);

static void on_time_out(struct supervisor *self)
{
    timers_clear(&self->timers);
    self->phase = ENDING;
    self->result->timed_out = true;
    note_living(self, &self->result->busy, false);
    signal_family(self, SIGTERM);
    timers_set(&self->timers, KILL, TERM_TO_KILL_MS);
}

static void on_kill(struct supervisor *self)
{
    timers_set(&self->timers, GIVE_UP, GIVE_UP_MS);
    timers_set(&self->timers, SWEEP, 0);
}

/*
 * What was forked while we looked is found the next time; what forks faster than we look is chased
 * among our children. Whether all are gone, wait(2) tells.
 */
static void on_sweep(struct supervisor *self)
{
    signal_family(self, SIGKILL);
    timers_set(&self->timers, SWEEP, SWEEP_EVERY_MS);
    int64_t begin_ms = timers_now_ms();
    while (self->phase == ENDING && timers_now_ms() - begin_ms < CHASE_MS) {
        descendants_kill_children(&self->descendants);
        reap(self);
    }
}

/* Nothing more is waited for. */
static void on_give_up(struct supervisor *self)
{
    note_living(self, &self->result->survivors, true);
    storing_begin(self, COURIER_FINISH);
}

static void on_grace_end(struct supervisor *self)
{
    if (!self->options->kills_survivors || !self->options->subreaper) {
        on_give_up(self);
        return;
    }
    note_living(self, &self->result->survivors, true);
    self->result->survivors_killed = true;
    self->phase = ENDING;
    on_kill(self);
}

static void on_speak(struct supervisor *self)
{
    const struct supervisor_observer *observer = &self->options->observer;
    long n_processes = descendants_count(&self->descendants);

    if (observer->waiting != NULL && n_processes > 0) {
        observer->waiting(observer->context, (size_t)n_processes,
                          self->options->grace_ms - SPEAK_AFTER_MS);
    }
}

static void (*const on_deadline[])(struct supervisor *self) = {
    [TIME_OUT] = on_time_out,       [KILL] = on_kill,           [SWEEP] = on_sweep,
    [GIVE_UP] = on_give_up,         [GRACE_END] = on_grace_end, [SPEAK] = on_speak,
    [SILENCE] = storing_on_silence,
};

static void run_deadlines(struct supervisor *self)
{
    int due;

    while (self->phase != OVER && (due = timers_take_due(&self->timers)) >= 0) {
        on_deadline[due](self);
    }
}

/* ---- children ---- */

static void on_end(struct supervisor *self, pid_t pid, int wait_status, const char *command)
{
    if (WIFSIGNALED(wait_status) && !self->result->timed_out &&
        !report_has(&self->result->survivors, pid)) {
        report_add(&self->result->ends, pid, wait_status, *command != '\0' ? command : "?");
    }
    courier_link_tell(self->link, COURIER_PROCESS_ENDED, pid, wait_status, command);
    if (pid == self->root) {
        self->root_ended = true;
        self->result->wait_status = wait_status;
        if (self->phase == RUNNING) {
            begin_grace(self);
        }
    }
}

/* The name of a process that has ended. A zombie still has it; after the wait it has not. */
static void read_command(const siginfo_t *info, struct tree_process *process)
{
    if (info->si_code == CLD_EXITED || info->si_code == CLD_KILLED || info->si_code == CLD_DUMPED) {
        (void)!tree_read_process(info->si_pid, process);
    }
}

static void on_child(struct supervisor *self, const siginfo_t *info)
{
    struct tree_process process = {0};
    pid_t pid = info->si_pid;
    int wait_status;

    if (!self->result->timed_out) {
        read_command(info, &process);
    }
    if (waitpid(pid, &wait_status, WNOHANG | WUNTRACED) != pid) {
        return;
    }
    if (!WIFSTOPPED(wait_status)) {
        if (!descendants_forget_stranger(&self->descendants, pid)) {
            on_end(self, pid, wait_status, process.command);
        }
    } else if (pid == self->root && !self->result->timed_out && self->options->mirrors_stops) {
        stop_like_program(WSTOPSIG(wait_status), pid);
    }
}

/* Whether any of the family is left: a wait for all says so, but for strangers and lost orphans. */
static bool family_is_gone(struct supervisor *self, bool childless)
{
    if (childless && self->options->subreaper) {
        return true;
    }
    return (childless || self->descendants.n_strangers > 0) &&
           descendants_count(&self->descendants) == 0;
}

static void reap(struct supervisor *self)
{
    siginfo_t info = {0};
    int rc;

    while ((rc = waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT)) == 0 &&
           info.si_pid != 0) {
        on_child(self, &info);
        info.si_pid = 0;
    }
    bool childless = rc < 0 && errno == ECHILD;
    if (self->root_ended && (self->phase == GRACE || self->phase == ENDING) &&
        family_is_gone(self, childless)) {
        storing_begin(self, COURIER_FINISH);
    }
}

/* ---- signals ---- */

static bool sender_is_ours(struct supervisor *self, const struct signalfd_siginfo *info)
{
    pid_t sender = (pid_t)info->ssi_pid;

    return sender == getpid() || descendants_contain(&self->descendants, sender);
}

/* The program has gone: who still wants us to end means the waiting. */
static void hurry(struct supervisor *self)
{
    if (timers_is_set(&self->timers, GRACE_END)) {
        on_grace_end(self);
    } else if (self->phase == ENDING) {
        timers_set(&self->timers, KILL, 0);
    } else if (self->phase == STORING) {
        self->result->left = true;
        self->phase = OVER;
    }
}

/*
 * Who continued us meant the stop that we have mirrored. A stop that we have not been told of yet
 * is a newer one, and stays. In this order: a stop that can be seen has been reported.
 */
static void continue_program(struct supervisor *self)
{
    siginfo_t newer = {0};
    struct tree_process program;

    if (tree_read_process(self->root, &program) == 0 && program.state == 'T' &&
        waitid(P_PID, (id_t)self->root, &newer, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
        newer.si_pid == 0) {
        kill(self->root, SIGCONT);
    }
}

static bool ends_processes(uint32_t number)
{
    return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT;
}

static void on_signal(struct supervisor *self, const struct signalfd_siginfo *info)
{
    bool ours = info->ssi_code != SI_KERNEL && sender_is_ours(self, info);

    if (info->ssi_signo == SIGCHLD) {
        reap(self);
    } else if (self->root_ended) {
        if (ends_processes(info->ssi_signo) && !ours) {
            hurry(self);
        }
    } else if (info->ssi_signo == SIGCONT) {
        continue_program(self);
    } else if (signals_is_for_program(info, getsid(0) == getpid(), ours)) {
        (void)signals_forward(info, self->root);
    }
}

/* ---- the loop ---- */

static void wait_and_act(struct supervisor *self)
{
    struct signalfd_siginfo info;
    struct courier_link *link = self->link;
    struct pollfd fds[] = {
        {.fd = self->options->signals->fd, .events = POLLIN},
        {.fd = link->fd, .events = (short)(POLLIN | (courier_link_has_unsent(link) ? POLLOUT : 0))},
        {.fd = link->pidfd, .events = POLLIN},
    };

    if (poll(fds, 3, timers_poll_timeout(&self->timers)) < 0) {
        return; /* EINTR after a stop; nothing else can fail here */
    }
    while (self->phase != OVER && signals_read(self->options->signals, &info) == 1) {
        on_signal(self, &info);
    }
    /* A courier that on_signal has started is seen the next time round. */
    if (self->phase != OVER && link->fd == fds[1].fd && fds[1].revents != 0) {
        courier_link_flush(link);
        storing_receive(self);
    }
    if (self->phase != OVER && link->pidfd == fds[2].fd && fds[2].revents != 0) {
        storing_on_courier_end(self);
    }
    if (self->phase != OVER) {
        run_deadlines(self);
    }
}

/* A signal that came before there was a program to hand it to ends us as it would have ended it. */
static int find_early_end(void)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t pending;
    struct sigaction action;

    sigpending(&pending);
    for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
        if (sigismember(&pending, ending[i]) == 1 && sigaction(ending[i], NULL, &action) == 0 &&
            action.sa_handler != SIG_IGN) {
            return ending[i];
        }
    }
    return 0;
}

/* The courier knows the program before it runs, and so waits for it even if we die right now. */
static void announce_root(void *context, pid_t pid)
{
    struct supervisor *self = context;

    courier_link_tell(self->link, COURIER_ROOT_STARTED, pid, 0, "");
}

static int start(struct supervisor *self)
{
    const struct supervisor_options *options = self->options;
    struct inheritance inheritance;

    inheritance_take(&inheritance, &options->signals->inherited_mask);
    timers_clear(&self->timers);
    int rc = descendants_init(&self->descendants, options->subreaper ? NULL : options->session,
                              &self->link->pid);
    if (rc < 0) {
        return rc;
    }
    if (options->subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) {
        return -errno;
    }
    self->result->wait_status = find_early_end();
    if (self->result->wait_status != 0) {
        return -EINTR;
    }
    rc = program_spawn(options->argv, options->environment, options->signals, &inheritance,
                       announce_root, self, &self->root);
    if (rc < 0) {
        return rc;
    }
    if (options->timeout_ms > 0) {
        timers_set(&self->timers, TIME_OUT, options->timeout_ms);
    }
    return 0;
}

int supervisor_run(const struct supervisor_options *options, struct supervisor_result *ret_result)
{
    struct supervisor self = {.options = options, .result = ret_result, .link = options->link};

    *ret_result = (struct supervisor_result){0};
    int rc = start(&self);
    while (rc == 0 && self.phase != OVER) {
        wait_and_act(&self);
    }
    descendants_done(&self.descendants);
    return rc;
}
