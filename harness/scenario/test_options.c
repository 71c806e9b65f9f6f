/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Parses the command line of `test`. It judges words, not the world. State: getopt's own.
 */
#include "harness/scenario/test_options.h"

#include "harness/scenario/runner.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum long_option {
    REPEAT = 256,
    UNTIL_FAIL,
    RETRIES,
    SHUFFLE,
    SEED,
    LIST,
    UPDATE,
    STRICT,
    NO_CONTROL,
    TAP,
    JUNIT,
    JSON,
    GITHUB,
    EVIDENCE,
    PROGRAMS,
    TAG,
};

static const struct option long_options[] = {
    {"filter", required_argument, NULL, 'f'},
    {"tag", required_argument, NULL, TAG},
    {"programs", required_argument, NULL, PROGRAMS},
    {"jobs", required_argument, NULL, 'j'},
    {"repeat", required_argument, NULL, REPEAT},
    {"until-fail", no_argument, NULL, UNTIL_FAIL},
    {"retries", required_argument, NULL, RETRIES},
    {"shuffle", no_argument, NULL, SHUFFLE},
    {"seed", required_argument, NULL, SEED},
    {"list", no_argument, NULL, LIST},
    {"update", no_argument, NULL, UPDATE},
    {"strict", no_argument, NULL, STRICT},
    {"no-control", no_argument, NULL, NO_CONTROL},
    {"tap", no_argument, NULL, TAP},
    {"junit", required_argument, NULL, JUNIT},
    {"json", required_argument, NULL, JSON},
    {"github", required_argument, NULL, GITHUB},
    {"evidence", required_argument, NULL, EVIDENCE},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct message {
    char *text;
    size_t size;
};

static int parse_number(const char *option, unsigned max, unsigned *ret, unsigned min,
                        struct message error)
{
    const char *fault = NULL;
    unsigned value = (unsigned)strtonum(optarg, min, max, &fault);

    if (fault != NULL) {
        snprintf(error.text, error.size, "%s '%s': must be a whole number from %u to %u", option,
                 optarg, min, max);
        return -EINVAL;
    }
    *ret = value;
    return 0;
}

static int parse_seed(struct test_options *options, struct message error)
{
    const char *fault = NULL;

    options->seed = (uint64_t)strtonum(optarg, 0, INT64_MAX, &fault);
    options->has_seed = options->is_shuffled = true;
    if (fault != NULL) {
        snprintf(error.text, error.size, "--seed '%s': must be a whole number, not negative",
                 optarg);
        return -EINVAL;
    }
    return 0;
}

static int parse_github(struct test_options *options, struct message error)
{
    static const char *const words[] = {"auto", "always", "never"};

    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(optarg, words[i]) == 0) {
            options->github = (enum test_github)i;
            return 0;
        }
    }
    snprintf(error.text, error.size, "--github '%s': must be auto, always or never", optarg);
    return -EINVAL;
}

static int add_word(struct test_words *list, const char *option, struct message error)
{
    if (list->n == TEST_MAX_WORDS) {
        snprintf(error.text, error.size, "%s: at most %d of them", option, TEST_MAX_WORDS);
        return -EINVAL;
    }
    list->words[list->n++] = optarg;
    return 0;
}

/* `word` is where getopt found the option. */
static int refuse(int option, const char *word, struct message error)
{
    const char *what = option == ':' ? "needs an argument" : "is no option of test, or not unique";

    if (optopt > 0 && optopt < 256) {
        snprintf(error.text, error.size, "'-%c' %s", optopt, what);
    } else {
        snprintf(error.text, error.size, "'%s' %s", word, what);
    }
    return -EINVAL;
}

/* Options that are there or not. Returns false for others. */
static bool set_switch(struct test_options *options, int option)
{
    struct {
        int option;
        bool *is_set;
    } const switches[] = {
        {UNTIL_FAIL, &options->until_fail},
        {SHUFFLE, &options->is_shuffled},
        {LIST, &options->lists},
        {UPDATE, &options->updates},
        {STRICT, &options->is_strict},
        {TAP, &options->is_tap},
        {'q', &options->is_quiet},
        {'v', &options->is_verbose},
        {'h', &options->help},
    };

    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
        if (switches[i].option == option) {
            *switches[i].is_set = true;
            return true;
        }
    }
    if (option == NO_CONTROL) {
        options->has_controls = false;
    }
    return option == NO_CONTROL;
}

static int apply(struct test_options *options, int option, const char *word, struct message error)
{
    switch (option) {
    case 'f':
        return add_word(&options->filters, "--filter", error);
    case TAG:
        return add_word(&options->tags, "--tag", error);
    case PROGRAMS:
        return add_word(&options->programs, "--programs", error);
    case 'j':
        return parse_number("-j", RUNNER_MAX_JOBS, &options->n_jobs, 1, error);
    case REPEAT:
        return parse_number("--repeat", 1000000, &options->n_repeats, 1, error);
    case RETRIES:
        return parse_number("--retries", 1000, &options->n_retries, 0, error);
    case SEED:
        return parse_seed(options, error);
    case JUNIT:
        options->junit = optarg;
        return 0;
    case JSON:
        options->json = optarg;
        return 0;
    case GITHUB:
        return parse_github(options, error);
    case EVIDENCE:
        options->evidence = optarg;
        return 0;
    default:
        return set_switch(options, option) ? 0 : refuse(option, word, error);
    }
}

/* What does not go together. */
static int check(const struct test_options *options, struct message error)
{
    const char *fault = NULL;

    if (options->scenarios[0] == NULL) {
        fault = "no scenario is named: lastword test [OPTIONS] SCENARIO...";
    } else if (options->is_quiet && options->is_verbose) {
        fault = "-q and -v contradict each other";
    } else if (options->is_tap && options->json != NULL && strcmp(options->json, "-") == 0) {
        fault = "--tap and --json - cannot both write to standard output";
    } else if (options->updates && (options->n_repeats > 1 || options->until_fail)) {
        fault = "--update runs each case once";
    }
    if (fault != NULL && !options->help) {
        snprintf(error.text, error.size, "%s", fault);
        return -EINVAL;
    }
    return 0;
}

int test_options_parse(struct test_options *ret_options, int argc, char **argv, char *error_text,
                       size_t error_size)
{
    struct message error = {error_text, error_size};
    int option;

    *ret_options = (struct test_options){.n_repeats = 1, .has_controls = true};
    optind = 0; /* glibc: begin anew */
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":f:j:qvh", long_options, NULL)) != -1) {
        int rc = apply(ret_options, option, argv[optind - 1], error);
        if (rc < 0) {
            return rc;
        }
    }
    ret_options->scenarios = argv + optind;
    return check(ret_options, error);
}
