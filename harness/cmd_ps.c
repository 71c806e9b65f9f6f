/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * lastword ps: lists the processes of a recording. The list goes to standard output; what keeps it
 * from being written goes to standard error.
 */
#include "harness/cmd_ps.h"

#include "harness/commands.h"
#include "harness/ps/ps_json.h"
#include "harness/ps/ps_list.h"

#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: lastword ps [--json] [--strict] RECORDING\n"
    "\n"
    "Lists the processes of RECORDING (.rrd, or .rrd.zst), parents before their children: what "
    "each\n"
    "was, how it started and ended, how many rows it logged, and how many of them are stored. "
    "What\n"
    "exec made of a process stands below it. Then, with the reason, what was not covered: "
    "programs\n"
    "that the shim could not enter (static, setuid, another C library, 32-bit, LASTWORD_DISABLE),\n"
    "and what it could not make safe in programs that it did enter.\n"
    "\n"
    "  COMMAND    what runs in it; a fork is what its parent is\n"
    "  STARTED    run (by `lastword run`), exec, fork, _Fork, daemon, spawn, unknown\n"
    "  ENDED      return 0, exit 0, _exit 0, SIGKILL, abort, exec, running (outlived the run) ...\n"
    "  LOGGED     log calls that returned success\n"
    "  STORED     rows in the recording\n"
    "  LOST       the difference\n"
    "  MADE SAFE  what the shim takes care of beside lastword's own SDK, which needs no care\n"
    "\n"
    "  -j, --json    one JSON object instead; lastword(1) has its keys\n"
    "  -s, --strict  exit status 1 if rows were lost or a process was not covered\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0; with --strict 1. 2 the command line is wrong. 125 RECORDING cannot be read, "
    "or\n"
    "tells nothing of processes: only recordings of `lastword run` do.\n"
    "\n"
    "  lastword ps m.rrd\n"
    "  lastword ps --json m.rrd | jq '.uncovered[] | .reason'\n";

struct ps_options {
    const char *recording;
    bool wants_json, is_strict, wants_help;
};

static int parse_options(int argc, char **argv, struct ps_options *options)
{
    static const struct option known[] = {{"json", no_argument, NULL, 'j'},
                                          {"strict", no_argument, NULL, 's'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int option;
    optind = 0; /* getopt starts afresh: a test calls this more than once */
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":jsh", known, NULL)) != -1) {
        switch (option) {
        case 'j':
            options->wants_json = true;
            break;
        case 's':
            options->is_strict = true;
            break;
        case 'h':
            options->wants_help = true;
            return STATUS_OK;
        default:
            return command_fail(STATUS_USAGE,
                                "ps: unknown option '%s'; `lastword ps --help` lists them",
                                argv[optind - 1]);
        }
    }
    if (argc - optind != 1) {
        return command_fail(STATUS_USAGE,
                            "ps: one RECORDING is needed, %d given; `lastword ps --help` shows how",
                            argc - optind);
    }
    options->recording = argv[optind];
    return STATUS_OK;
}

static int refuse(const struct ps_options *options, const struct recording *recording)
{
    if (recording->is_cut) {
        return command_fail(STATUS_FAULT,
                            "%s is cut off, and what is told of processes stands at the end; "
                            "`lastword sessions` says whether `lastword deliver` can finish it",
                            options->recording);
    }
    return command_fail(STATUS_FAULT,
                        "%s tells nothing of processes: only recordings that `lastword run` or "
                        "`lastword deliver` wrote do",
                        options->recording);
}

static int list(const struct ps_options *options, const struct recording *recording)
{
    struct ps_totals totals = ps_totals_of(recording);
    struct terminal terminal;
    int error = 0;

    if (!ps_has_processes(recording)) {
        return refuse(options, recording);
    }
    if (options->wants_json) {
        ps_json_print(stdout, options->recording, recording);
    } else {
        terminal_probe(&terminal, stdout);
        error = ps_list_print(&terminal, recording);
    }
    if (error < 0) {
        return command_fail(STATUS_FAULT, "%s", strerror(-error));
    }
    if (recording->is_cut) {
        fprintf(stderr, "lastword: %s is cut off: some processes may be missing\n",
                options->recording);
    }
    return command_end(options->is_strict && (totals.rows_lost > 0 || totals.n_not_covered > 0)
                           ? STATUS_FAIL
                           : STATUS_OK);
}

int cmd_ps(int argc, char **argv)
{
    struct ps_options options = {0};
    const struct recording_options loading = {.n_rows_kept = 1};
    struct recording recording;
    struct rrd_error error = {""};
    /* Only what counts as a character: numbers are read and written as in C. */
    setlocale(LC_CTYPE, "");
    int status = parse_options(argc, argv, &options);

    if (status != STATUS_OK) {
        return status;
    }
    if (options.wants_help) {
        fputs(help, stdout);
        return command_end(STATUS_OK);
    }
    int result = recording_load(&recording, options.recording, &loading, &error);
    if (result < 0) {
        return command_fail(STATUS_FAULT, "%s",
                            error.text[0] != '\0' ? error.text : strerror(-result));
    }
    status = list(&options, &recording);
    recording_done(&recording);
    return status;
}
