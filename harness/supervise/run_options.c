/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Parses the command line of `run`. It judges words, not the world: whether a file can be written
 * is output.c's. State: getopt's own.
 */
#include "harness/supervise/run_options.h"

#include "harness/commands.h"
#include "harness/duration.h"
#include "harness/supervise/recording_id.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum long_option {
    RECORDING_ID = 256,
    TIMEOUT,
    GRACE,
    FLUSH,
    NO_ARGS,
    NO_SUBREAPER,
    NO_SHIM,
    KILL_SURVIVORS,
    STRICT,
    ERROR_EXITCODE,
};

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"recording-id", required_argument, NULL, RECORDING_ID},
    {"timeout", required_argument, NULL, TIMEOUT},
    {"grace", required_argument, NULL, GRACE},
    {"flush", required_argument, NULL, FLUSH},
    {"no-args", no_argument, NULL, NO_ARGS},
    {"no-subreaper", no_argument, NULL, NO_SUBREAPER},
    {"no-shim", no_argument, NULL, NO_SHIM},
    {"kill-survivors", no_argument, NULL, KILL_SURVIVORS},
    {"strict", no_argument, NULL, STRICT},
    {"error-exitcode", required_argument, NULL, ERROR_EXITCODE},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct message {
    char *text;
    size_t size;
};

static int parse_duration(const char *option, int64_t *ret_ms, struct message error)
{
    int rc = duration_parse(optarg, ret_ms);

    if (rc == -ERANGE) {
        snprintf(error.text, error.size, "%s %s: longer than a year", option, optarg);
    } else if (rc < 0) {
        snprintf(error.text, error.size,
                 "%s '%s': a duration is a whole number and its unit, as 500ms, 10s, 2m or 1h",
                 option, optarg);
    }
    return rc < 0 ? -EINVAL : 0;
}

static int parse_recording_id(struct run_options *options, struct message error)
{
    if (!recording_id_is_valid(optarg)) {
        snprintf(error.text, error.size,
                 "--recording-id: an id has 1 to %d bytes and no control characters",
                 RECORDING_ID_SIZE - 1);
        return -EINVAL;
    }
    options->recording_id = optarg;
    return 0;
}

static int parse_exitcode(struct run_options *options, struct message error)
{
    char *end;
    errno = 0;
    long code = strtol(optarg, &end, 10);

    if (*optarg < '0' || *optarg > '9' || *end != '\0' || errno != 0 || code < 1 || code > 255) {
        snprintf(error.text, error.size, "--error-exitcode '%s': a number from 1 to 255 is needed",
                 optarg);
        return -EINVAL;
    }
    options->strict_status = (int)code;
    return 0;
}

static int parse_flush(struct run_options *options, struct message error)
{
    const char *fault;

    int rc = flush_words_add(&options->flush, optarg, &fault);
    if (rc < 0) {
        snprintf(error.text, error.size, "--flush '%.60s' %s (" FLUSH_FORMS ")", optarg, fault);
        return -EINVAL;
    }
    return 0;
}

/* `word` is where getopt found the option. */
static int refuse(int option, const char *word, struct message error)
{
    const char *what = option == ':' ? "needs an argument" : "is no option of run, or not unique";

    if (optopt > 0 && optopt < 256) {
        snprintf(error.text, error.size, "'-%c' %s", optopt, what);
    } else {
        snprintf(error.text, error.size, "'%s' %s", word, what);
    }
    return -EINVAL;
}

static int apply(struct run_options *options, int option, const char *word, struct message error)
{
    switch (option) {
    case 'o':
        options->output = optarg;
        return 0;
    case 'q':
        options->quiet = true;
        return 0;
    case 'h':
        options->help = true;
        return 0;
    case RECORDING_ID:
        return parse_recording_id(options, error);
    case TIMEOUT:
        return parse_duration("--timeout", &options->timeout_ms, error);
    case GRACE:
        return parse_duration("--grace", &options->grace_ms, error);
    case FLUSH:
        return parse_flush(options, error);
    case NO_ARGS:
        options->record_args = false;
        return 0;
    case NO_SUBREAPER:
        options->subreaper = false;
        return 0;
    case NO_SHIM:
        options->shim = false;
        return 0;
    case KILL_SURVIVORS:
        options->kills_survivors = true;
        return 0;
    case STRICT:
        if (options->strict_status == 0) {
            options->strict_status = STATUS_FAULT;
        }
        return 0;
    case ERROR_EXITCODE:
        return parse_exitcode(options, error);
    default:
        return refuse(option, word, error);
    }
}

int run_options_parse(struct run_options *ret_options, int argc, char **argv, char *error_text,
                      size_t error_size)
{
    struct message error = {error_text, error_size};
    struct run_options options = {
        .grace_ms = RUN_DEFAULT_GRACE_MS, .record_args = true, .subreaper = true, .shim = true};
    int option;

    optind = 0; /* glibc: begin anew */
    opterr = 0;
    while ((option = getopt_long(argc, argv, "+:o:qh", long_options, NULL)) != -1) {
        int rc = apply(&options, option, argv[optind - 1], error);
        if (rc < 0) {
            return rc;
        }
    }
    options.program = argv + optind;
    if (options.program[0] == NULL && !options.help) {
        snprintf(error_text, error_size,
                 "no program is named: lastword run [OPTIONS] -- PROG ARGS");
        return -EINVAL;
    }
    *ret_options = options;
    return 0;
}
