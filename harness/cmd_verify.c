/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * lastword verify: checks a recording against a file of expectations. The diff and the verdict go
 * to standard output, since they are what was asked for; what keeps it from judging goes to
 * standard error.
 */
#include "harness/cmd_verify.h"

#include "harness/commands.h"
#include "harness/verify/diff.h"
#include "harness/verify/show.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: lastword verify RECORDING --expect FILE [--show] [-q]\n"
    "\n"
    "Checks that RECORDING (.rrd, or .rrd.zst) holds exactly the rows that FILE expects of each\n"
    "process, in order, and that the processes ended as it says. FILE is YAML; a whole scenario\n"
    "file will do:\n"
    "\n"
    "  ends:   {root: return 0, 3 children: _exit 0}\n"
    "  expect:\n"
    "    - {process: child, entity: /log, text: \"Logging from pid={pid}\"}\n"
    "    - {process: child, entity: \"/task_{n}\", box_xywh: [20, 25, 30, 40], label: "
    "\"task_{n}\"}\n"
    "\n"
    "  -e, --expect FILE  what must be in the recording\n"
    "  -s, --show         first prints the tree of processes, what each logged as text, and a\n"
    "                     picture of its boxes\n"
    "  -q, --quiet        prints nothing: the exit status tells\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 as expected. 1 not. 2 the command line or FILE is wrong. 125 RECORDING cannot\n"
    "be read.\n";

struct verify_options {
    const char *recording;
    const char *expect;
    bool shows, is_quiet, wants_help;
};

/* --- Command line ----------------------------------------------------------------------------- */

static int parse_words(int argc, char **argv, struct verify_options *options)
{
    static const struct option known[] = {{"expect", required_argument, NULL, 'e'},
                                          {"show", no_argument, NULL, 's'},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int option;
    optind = 0; /* getopt starts afresh: a test calls this more than once */
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":e:sqh", known, NULL)) != -1) {
        switch (option) {
        case 'e':
            options->expect = optarg;
            break;
        case 's':
            options->shows = true;
            break;
        case 'q':
            options->is_quiet = true;
            break;
        case 'h':
            options->wants_help = true;
            return STATUS_OK;
        case ':':
            return command_fail(STATUS_USAGE, "verify: %s needs a FILE", argv[optind - 1]);
        default:
            return command_fail(STATUS_USAGE,
                                "verify: unknown option '%s'; `lastword verify --help` lists them",
                                argv[optind - 1]);
        }
    }
    return STATUS_OK;
}

static int parse_options(int argc, char **argv, struct verify_options *options)
{
    int status = parse_words(argc, argv, options);
    if (status != STATUS_OK || options->wants_help) {
        return status;
    }
    if (argc - optind != 1) {
        return command_fail(STATUS_USAGE,
                            "verify: one RECORDING is needed, %d given; `lastword verify "
                            "--help` shows how",
                            argc - optind);
    }
    if (options->expect == NULL) {
        return command_fail(STATUS_USAGE,
                            "verify: --expect FILE is needed: what must be in the recording");
    }
    if (options->shows && options->is_quiet) {
        return command_fail(STATUS_USAGE, "verify: --show and --quiet contradict each other");
    }
    options->recording = argv[optind];
    return STATUS_OK;
}

/* --- Judging ---------------------------------------------------------------------------------- */

/* What a reader of the verdict must know of the recording. */
static void print_notes(const struct verify_options *options, const struct recording *recording)
{
    if (recording->is_cut) {
        fprintf(stderr,
                "lastword: %s is cut off%s; judged is what comes before byte %" PRIu64 "%s\n",
                options->recording, recording->is_compressed ? "" : " inside a message",
                recording->cut_offset,
                recording->is_compressed ? " of the decompressed recording" : "");
    }
    if (recording->n_repeated_chunks > 0) {
        fprintf(stderr,
                "lastword: %s repeats %" PRIu64 " chunk%s, which count once, as in the viewer\n",
                options->recording, recording->n_repeated_chunks,
                recording->n_repeated_chunks == 1 ? "" : "s");
    }
}

/* Returns 0 or -ENOMEM. */
static int print_all(const struct verify_options *options, const struct match *match,
                     const struct expectation *expectation, const struct recording *recording)
{
    struct terminal terminal;
    terminal_probe(&terminal, stdout);
    if (options->shows) {
        int error = show_print(&terminal, recording);
        if (error < 0) {
            return error;
        }
        fputc('\n', stdout);
    }
    diff_print(&terminal, match, expectation, recording);
    diff_print_verdict(&terminal, match, expectation, recording, options->recording);
    fputc('\n', stdout);
    return 0;
}

static int judge(const struct verify_options *options, const struct expectation *expectation,
                 const struct recording *recording)
{
    struct match match;
    int error = match_run(&match, expectation, recording);
    if (error == 0 && !options->is_quiet) {
        print_notes(options, recording);
        error = print_all(options, &match, expectation, recording);
    }
    int status = error < 0 ? command_fail(STATUS_FAULT, "%s", strerror(-error))
                           : command_end(match.n == 0 ? STATUS_OK : STATUS_FAIL);
    match_done(&match);
    return status;
}

static int verify(const struct verify_options *options)
{
    struct expectation expectation;
    struct recording recording;
    char fault[YAML_FAULT_SIZE];
    struct rrd_error error = {""};

    int result = expectation_load(&expectation, options->expect, EXPECTATION_ONLY_CASE, fault);
    if (result < 0) {
        return command_fail(result == -ENOMEM ? STATUS_FAULT : STATUS_USAGE, "%s", fault);
    }
    const struct recording_options loading = match_recording_options(&expectation);
    result = recording_load(&recording, options->recording, &loading, &error);
    int status = STATUS_FAULT;
    if (result < 0) {
        (void)command_fail(status, "%s", error.text[0] != '\0' ? error.text : strerror(-result));
    } else {
        status = judge(options, &expectation, &recording);
        recording_done(&recording);
    }
    expectation_done(&expectation);
    return status;
}

int cmd_verify(int argc, char **argv)
{
    struct verify_options options = {0};
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
    return verify(&options);
}
