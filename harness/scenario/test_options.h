/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The command line of `lastword test`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEST_MAX_WORDS 256 /* given to each of the options that may stand several times */

enum test_github { TEST_GITHUB_AUTO, TEST_GITHUB_ALWAYS, TEST_GITHUB_NEVER };

/* Words given to an option that may stand several times; argv's. */
struct test_words {
    size_t n;
    const char *words[TEST_MAX_WORDS];
};

struct test_options {
    struct test_words filters;  /* --filter */
    struct test_words tags;     /* --tag */
    struct test_words programs; /* --programs */
    unsigned n_jobs;            /* -j; 0: as many as processors */
    unsigned n_repeats;         /* --repeat, at least 1 */
    unsigned n_retries;         /* --retries */
    bool until_fail;            /* --until-fail */
    bool is_shuffled;           /* --shuffle, or --seed */
    bool has_seed;
    uint64_t seed;     /* --seed */
    bool lists;        /* --list */
    bool updates;      /* --update */
    bool is_strict;    /* --strict */
    bool has_controls; /* false: --no-control */
    bool is_quiet;     /* -q */
    bool is_verbose;   /* -v */
    bool is_tap;       /* --tap */
    const char *junit; /* --junit FILE */
    const char *json;  /* --json FILE, "-" is standard output */
    enum test_github github;
    const char *evidence; /* --evidence DIR */
    bool help;
    char **scenarios; /* NULL-terminated; not empty unless help */
};

/*
 * Reads the command line, argv[0] being the verb. The strings stay argv's. Not thread-safe
 * (getopt). Errors: -EINVAL, and error_text (error_size bytes) names the word that is wrong.
 */
__attribute__((warn_unused_result)) int test_options_parse(struct test_options *ret_options,
                                                           int argc, char **argv, char *error_text,
                                                           size_t error_size);
