/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * lastword run: prepares a session and its courier, has the program supervised, reports, and ends
 * as the program ended. Whatever fails before the program has started leaves nothing behind.
 */
#include "harness/cmd_run.h"

#include "harness/commands.h"
#include "harness/duration.h"
#include "harness/program_file.h"
#include "harness/supervise/environment.h"
#include "harness/supervise/outcome.h"
#include "harness/supervise/output.h"
#include "harness/supervise/program.h"
#include "harness/supervise/recording_id.h"
#include "harness/supervise/run_options.h"
#include "harness/supervise/session_end.h"
#include "harness/supervise/shim.h"
#include "harness/supervise/supervisor.h"
#include "sdk/spool/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COURIER_READY_MS 10000

static const char help[] =
    "usage: lastword run [OPTIONS] [--] PROG ARGS\n"
    "       lastword PROG ARGS\n"
    "\n"
    "Runs PROG so that every row that it and its child processes log reaches one recording, "
    "however\n"
    "they end. Terminal, streams, signals and exit status are PROG's.\n"
    "\n"
    "  -o, --output FILE     the recording; an older FILE is replaced once the new one is whole\n"
    "                        (default: lastword-PROG-PID.rrd, PID being lastword's own); "
    "FILE.rrd.zst\n"
    "                        is compressed at the end\n"
    "      --recording-id ID (default: $LASTWORD_RECORDING_ID, else a fresh one)\n"
    "      --timeout D       ends PROG and all its descendants after D: SIGTERM, two seconds "
    "later\n"
    "                        SIGKILL (default: 0s, which is never)\n"
    "      --grace D         how long descendants may outlive PROG before the recording is closed\n"
    "                        (default: 10s)\n"
    "      --flush WHAT      what the program still holds is written before a process ends: stdio, "
    "gcov,\n"
    "                        llvm-profile, spdlog, or SYMBOL or LIB:SYMBOL, a void SYMBOL(void); "
    "may be\n"
    "                        given again\n"
    "      --no-args         leaves command lines, which may hold secrets, out of the recording\n"
    "      --no-subreaper    lets orphans go to init, for programs that watch their parent's pid\n"
    "      --kill-survivors  ends by SIGKILL what still runs after the grace\n"
    "      --no-shim         does not load the shim: shows what would arrive without it\n"
    "      --strict          fails a run whose PROG ended by 0 if rows were lost, or a process "
    "was\n"
    "                        not covered: exit status 125, see `lastword ps FILE`\n"
    "      --error-exitcode N\n"
    "                        that exit status, 1 to 255; --strict goes without saying\n"
    "  -q, --quiet           no report at the end, unless rows were lost, or --strict fails the "
    "run\n"
    "  -h, --help\n"
    "\n"
    "D is a whole number and its unit: 500ms, 10s, 2m, 1h.\n"
    "\n"
    "Exit status: PROG's own; if a signal ended PROG, lastword dies of the same. 124: the "
    "time-out\n"
    "passed. 125: lastword itself failed, or --strict. 126: PROG cannot be run. 127: there is no "
    "PROG.\n"
    "\n"
    "  lastword run -o m.rrd -- python3 train.py --epochs 3\n"
    "  lastword run --timeout 2m -- ./worker\n"
    "  lastword run --flush stdio --flush libtrace:trace_flush -- ./worker\n";

struct run {
    struct run_options options;
    struct output output;
    struct environment environment;
    struct signals signals;
    struct courier_link link;
    char recording_id[RECORDING_ID_SIZE];
    char session[SESSION_PATH_SIZE];
    char shim[PATH_MAX];
    char sdk[PATH_MAX];     /* "" none */
    char program[PATH_MAX]; /* what PROG is, as far as that is known */
    struct target target;   /* and what is known of it */
    bool progress_is_shown;
    const struct run_watch *watch; /* or NULL */
    int dies_of;                   /* the signal that ended the program, and is to end us; 0 none */
    struct supervisor_result result;
};

/* ---- printing ---- */

static int print_help(void)
{
    fputs(help, stdout);
    return command_end(STATUS_OK);
}

static void show_waiting(void *context, size_t n_processes, int64_t grace_ms)
{
    const struct run *run = context;
    char grace[24];

    fprintf(
        stderr,
        "lastword: %s has ended; up to %s more for %zu process%s that still run%s (Ctrl-C: do "
        "not wait)\n",
        run->options.program[0],
        duration_format(grace_ms < 1000 ? grace_ms : grace_ms / 1000 * 1000, grace, sizeof(grace)),
        n_processes, n_processes == 1 ? "" : "es", n_processes == 1 ? "s" : "");
}

static void show_storing(void *context, uint64_t size_bytes)
{
    struct run *run = context;

    run->progress_is_shown = true;
    fprintf(stderr, "\rlastword: storing, %" PRIu64 " MiB so far\033[K", size_bytes >> 20);
    fflush(stderr);
}

/* ---- before the program ---- */

static int decide_recording_id(struct run *run)
{
    const char *inherited = getenv("LASTWORD_RECORDING_ID");
    const char *given = run->options.recording_id;

    if (given == NULL && inherited != NULL && *inherited != '\0') {
        if (!recording_id_is_valid(inherited)) {
            return command_fail(
                STATUS_FAULT,
                "LASTWORD_RECORDING_ID is no id: 1 to %d bytes, no control characters",
                RECORDING_ID_SIZE - 1);
        }
        given = inherited;
    }
    if (given != NULL) {
        snprintf(run->recording_id, sizeof(run->recording_id), "%s", given);
        return STATUS_OK;
    }
    int rc = recording_id_generate(run->recording_id);
    return rc < 0 ? command_fail(STATUS_FAULT, "cannot make a recording id: %s", strerror(-rc))
                  : STATUS_OK;
}

/* Looks at the program as the shim looks at what it execs. */
static void look_at_program(struct run *run)
{
    (void)target_find(run->options.program[0], getenv("PATH"), run->program);
    run->target = program_file_look(run->program, *run->sdk != '\0');
}

/* All that can be decided before anything is made. */
static int decide(struct run *run)
{
    char error_text[2 * PATH_MAX];

    if (decide_recording_id(run) != STATUS_OK) {
        return STATUS_FAULT;
    }
    if (output_decide(&run->output, run->options.output, run->options.program[0], error_text,
                      sizeof(error_text)) < 0 ||
        shim_find(run->shim, error_text, sizeof(error_text)) < 0) {
        return command_fail(STATUS_FAULT, "%s", error_text);
    }
    shim_find_sdk(run->sdk);
    look_at_program(run);
    return STATUS_OK;
}

static int make_session(struct run *run)
{
    char session[SESSION_PATH_SIZE];

    int rc = session_create(session);
    if (rc < 0) {
        return command_fail(
            STATUS_FAULT,
            "cannot make a session directory in $LASTWORD_DIR, /dev/shm, $XDG_RUNTIME_DIR, "
            "$TMPDIR or /tmp: %s; name a directory of yours in LASTWORD_DIR",
            strerror(-rc));
    }
    memcpy(run->session, session, sizeof(session));
    rc = shim_make_loadable(run->session, run->shim);
    if (rc < 0) {
        return command_fail(
            STATUS_FAULT,
            "the shim %s cannot be preloaded from a path with blanks, ':' or '$', nor be "
            "linked into %s: %s",
            run->shim, run->session, strerror(-rc));
    }
    const struct environment_settings settings = {.shim = run->options.shim ? run->shim : NULL,
                                                  .sdk = *run->sdk != '\0' ? run->sdk : NULL,
                                                  .needs_sdk = run->target.needs_rerun_c,
                                                  .session = run->session,
                                                  .recording_id = run->recording_id,
                                                  .flush = run->options.flush.text};
    rc = environment_init(&run->environment, environ, &settings);
    return rc < 0 ? command_fail(STATUS_FAULT, "cannot prepare the environment: %s", strerror(-rc))
                  : STATUS_OK;
}

/* Why the shim will not be in the program; UNCOVERED_NOT: it will. */
static enum uncovered_reason foresee(const struct run *run)
{
    const char *disable = getenv("LASTWORD_DISABLE");

    if (!run->options.shim) {
        return UNCOVERED_NO_SHIM;
    }
    if (disable != NULL && *disable != '\0' && strcmp(disable, "0") != 0) {
        return UNCOVERED_DISABLED;
    }
    return run->target.reason;
}

static int start_courier(struct run *run, courier_serve *serve)
{
    char error_text[512] = "";
    const struct courier_options options = {
        .session = run->session,
        .output = run->output.path,
        .recording_id = run->recording_id,
        .application_id = getenv("LASTWORD_APPLICATION_ID"),
        .root_uncovered = foresee(run),
        .root_path = run->program,
        .record_args = run->options.record_args,
    };

    int rc = courier_link_init(&run->link, &options, serve);
    if (rc == 0) {
        rc = courier_link_start(&run->link);
    }
    if (rc < 0) {
        return command_fail(STATUS_FAULT, "cannot start the courier: %s", strerror(-rc));
    }
    rc = courier_link_wait_ready(&run->link, COURIER_READY_MS, error_text, sizeof(error_text));
    return rc < 0 ? command_fail(STATUS_FAULT, "%s", error_text) : STATUS_OK;
}

/* The program has not run: nothing was logged, so nothing is kept. */
static void take_back(struct run *run, bool courier_was_ready)
{
    char part[PATH_MAX + sizeof(OUTPUT_PART_SUFFIX)];

    courier_link_kill(&run->link);
    if (*run->session != '\0') {
        session_discard(run->session);
    }
    if (courier_was_ready) {
        /* Another session's outbox would have made the courier fail. */
        snprintf(part, sizeof(part), "%s" OUTPUT_PART_SUFFIX, run->output.path);
        unlink(part);
    }
}

/* ---- the program ---- */

static int refuse_program(const struct run *run, int error)
{
    const char *program = run->options.program[0];
    bool exists = strchr(program, '/') != NULL && access(program, F_OK) == 0;

    return command_fail(
        program_spawn_status(error), "cannot run '%s': %s%s", program, strerror(-error),
        error == -ENOENT && exists ? " (its interpreter or dynamic linker is missing)" : "");
}

static int supervise(struct run *run)
{
    bool speaks = !run->options.quiet && isatty(STDERR_FILENO);
    const struct supervisor_options options = {
        .argv = run->options.program,
        .environment = run->environment.entries,
        .session = run->session,
        .timeout_ms = run->options.timeout_ms,
        .grace_ms = run->options.grace_ms,
        .subreaper = run->options.subreaper,
        .kills_survivors = run->options.kills_survivors,
        .mirrors_stops = run->watch == NULL,
        .signals = &run->signals,
        .link = &run->link,
        .observer = {.context = run,
                     .waiting = speaks ? show_waiting : NULL,
                     .storing = speaks ? show_storing : NULL},
    };

    int rc = supervisor_run(&options, &run->result);
    if (rc < 0) {
        take_back(run, true);
        run->dies_of = run->result.wait_status;
        return rc == -EINTR ? 128 + run->dies_of : refuse_program(run, rc);
    }
    if (run->progress_is_shown) {
        fputs("\r\033[K", stderr);
    }
    const struct outcome outcome = {
        .result = &run->result,
        .program = run->options.program[0],
        .recording = run->output.shown,
        .session = run->session,
        .timeout_ms = run->options.timeout_ms,
        .courier = run->link.pid,
        .strict_status = run->options.strict_status,
    };
    outcome_print(stderr, &outcome, run->options.quiet);
    if (run->watch != NULL) {
        run->watch->ended(run->watch->context, &run->result);
    }
    run->dies_of = outcome_signal(&run->result);
    return outcome_status(&outcome);
}

/* Signals wait from before the session is made: one that ended us then would leave it behind. */
static int prepare_and_supervise(struct run *run, courier_serve *serve)
{
    if (decide(run) != STATUS_OK) {
        return STATUS_FAULT;
    }
    int rc = signals_init(&run->signals);
    if (rc < 0) {
        return command_fail(STATUS_FAULT, "cannot receive signals: %s", strerror(-rc));
    }
    if (make_session(run) != STATUS_OK || start_courier(run, serve) != STATUS_OK) {
        take_back(run, false);
        return STATUS_FAULT;
    }
    return supervise(run);
}

static int run_whole(struct run *run, courier_serve *serve)
{
    int status = prepare_and_supervise(run, serve);
    courier_link_done(&run->link);
    environment_done(&run->environment);
    signals_done(&run->signals);
    return status;
}

int cmd_run_watched(const struct run_options *options, const struct run_watch *watch)
{
    struct run run = {.options = *options,
                      .watch = watch,
                      .signals = {.fd = -1},
                      .link = {.fd = -1, .pidfd = -1}};

    return run_whole(&run, courier_run);
}

int cmd_run_with(int argc, char **argv, courier_serve *serve)
{
    char error_text[512];
    struct run run = {.signals = {.fd = -1}, .link = {.fd = -1, .pidfd = -1}};

    /* Whole lines, so that they do not mix with those of processes that still write. */
    setvbuf(stderr, NULL, _IOLBF, 0);
    int rc = command_reserve_streams();
    if (rc < 0) {
        return command_fail(STATUS_FAULT, "cannot open /dev/null: %s", strerror(-rc));
    }
    if (run_options_parse(&run.options, argc, argv, error_text, sizeof(error_text)) < 0) {
        return command_fail(STATUS_FAULT, "run: %s; see `lastword run --help`", error_text);
    }
    if (run.options.help) {
        return print_help();
    }
    int status = run_whole(&run, serve);
    if (run.dies_of != 0) {
        signals_die(run.dies_of);
    }
    return status;
}

int cmd_run(int argc, char **argv)
{
    return cmd_run_with(argc, argv, courier_run);
}
