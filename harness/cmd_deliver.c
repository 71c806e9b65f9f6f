/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * lastword deliver: does what a courier left undone, or what never had one, in this process.
 *
 * While programs of the session still run it waits for them; Ctrl-C stores what is there and leaves
 * the session to be delivered again.
 */
#include "harness/cmd_deliver.h"

#include "harness/commands.h"
#include "harness/courier/courier.h"
#include "harness/courier/session_look.h"
#include "harness/supervise/output.h"
#include "harness/supervise/report.h"
#include "harness/supervise/session_end.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char help[] =
    "usage: lastword deliver [-o FILE] DIR\n"
    "\n"
    "Finishes the session in DIR: writes what its programs logged, and nobody has stored yet, to "
    "the\n"
    "recording. `lastword sessions` lists the sessions there are. Programs that still run are "
    "waited\n"
    "for; Ctrl-C stores what is there, and the rest can be delivered later.\n"
    "\n"
    "  -o, --output FILE     the recording (default: where the session's rows were going, else\n"
    "                        lastword-ID.rrd); FILE.rrd.zst is compressed at the end\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0: everything is in the recording. 1: something could not be read or was lost. "
    "2: the\n"
    "command line cannot be understood. 125: not delivered; the session is as it was.\n";

struct delivery {
    const char *given_output;
    char session[PATH_MAX];
    struct output output;
    struct session_state state;
};

static int our_end = -1; /* of the connection to the courier, for the signal handler */

/* --- The command line --------------------------------------------------------------------------
 */

/* Returns -1 to go on, or an exit status. */
static int parse(struct delivery *delivery, int argc, char **argv)
{
    static const struct option long_options[] = {
        {"output", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    optind = 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":o:h", long_options, NULL)) != -1) {
        if (option == 'o')
            delivery->given_output = optarg;
        else if (option == 'h')
            return fputs(help, stdout), command_end(STATUS_OK);
        else
            return command_fail(
                STATUS_USAGE, "deliver: option '%s' %s; see `lastword deliver --help`",
                argv[optind - 1], option == ':' ? "needs a value" : "cannot be understood");
    }
    if (argc - optind != 1)
        return command_fail(STATUS_USAGE,
                            "deliver: name one session; `lastword sessions` lists them");
    if (realpath(argv[optind], delivery->session) == NULL)
        return command_fail(STATUS_FAULT,
                            "%s: %s; `lastword sessions` lists the sessions there are",
                            argv[optind], strerror(errno));
    return -1;
}

/* Where the recording goes, unless the session knows. Returns -1 to go on, or an exit status. */
static int decide_output(struct delivery *delivery)
{
    char name[PATH_MAX];
    char error_text[PATH_MAX + 256];
    const char *given = delivery->given_output;

    if (given == NULL && delivery->state.output[0] != 0)
        return -1;
    if (given == NULL) {
        snprintf(name, sizeof(name), "lastword-%.200s.rrd", strrchr(delivery->session, '/') + 1);
        given = name;
    }
    if (output_decide(&delivery->output, given, "", error_text, sizeof(error_text)) < 0)
        return command_fail(STATUS_FAULT, "%s", error_text);
    return -1;
}

/* --- Delivering --------------------------------------------------------------------------------
 */

/* One packet, which the courier takes as its supervisor's last word. */
static void finish_now(int signal_number)
{
    static const struct courier_message finish = {.kind = COURIER_FINISH};
    int saved = errno;

    (void)signal_number;
    (void)!send(our_end, &finish, sizeof(finish), MSG_NOSIGNAL | MSG_DONTWAIT);
    errno = saved;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = finish_now, .sa_flags = SA_RESTART};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* What the courier said beside its report: as much of it as the socket holds. */
static void print_told(const struct courier_message *report, const char *output)
{
    struct report_list survivors = {0};
    struct report_notes notes = {0};
    struct courier_message message;

    while (recv(our_end, &message, sizeof(message), MSG_DONTWAIT) == (ssize_t)sizeof(message)) {
        message.text[sizeof(message.text) - 1] = 0;
        if (message.kind == COURIER_SURVIVOR)
            report_add(&survivors, message.pid, -1, message.text);
        else if (message.kind == COURIER_NOTE)
            report_note(&notes, message.note_kind, message.pid, message.text);
    }
    report_print_survivors(stderr, &survivors, false);
    report_print_notes(stderr, &notes, report, output);
}

static int print_report(const struct delivery *delivery, const struct courier_message *report)
{
    const char *output =
        delivery->output.shown[0] != 0 ? delivery->output.shown : delivery->state.output;

    print_told(report, output);
    report_print_counts(stdout, report, output);
    if (report->text[0] != 0)
        command_fail(STATUS_FAIL, "%s", report->text);
    return command_end(report->text[0] != 0 || report_has_losses(report) ? STATUS_FAIL : STATUS_OK);
}

static int deliver(const struct delivery *delivery, int control)
{
    const struct courier_options options = {
        .session = delivery->session,
        .output = delivery->output.path[0] != 0 ? delivery->output.path : NULL,
        .control_fd = control,
        .record_args = true, /* unless `run` was told otherwise: the journal knows */
        .only_deliver = true,
    };
    struct courier_message report;
    char error_text[1024] = "";
    int result = courier_run(&options, &report, error_text, sizeof(error_text));

    if (result < 0)
        return command_fail(STATUS_FAULT, "%s", error_text);
    session_remove_if_done(delivery->session);
    return print_report(delivery, &report);
}

int cmd_deliver(int argc, char **argv)
{
    struct delivery delivery = {0};
    int ends[2];
    int status = parse(&delivery, argc, argv);

    if (status >= 0)
        return status;
    /* What cannot be looked at cannot be delivered either, and courier_run says why. */
    (void)!session_look(delivery.session, &delivery.state);
    status = decide_output(&delivery);
    if (status >= 0)
        return status;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return command_fail(STATUS_FAULT, "no socket pair: %s", strerror(errno));
    our_end = ends[0];
    catch_signals();
    if (delivery.state.n_running > 0)
        command_fail(
            0, "%zu program%s of this session still run%s; waiting (Ctrl-C: store what is there)",
            delivery.state.n_running, delivery.state.n_running == 1 ? "" : "s",
            delivery.state.n_running == 1 ? "s" : "");
    status = deliver(&delivery, ends[1]);
    close(ends[0]);
    close(ends[1]);
    return status;
}
