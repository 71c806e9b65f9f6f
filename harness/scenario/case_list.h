/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The cases that scenario files make. Of each only its name and its place are kept: a case is read
 * from its file again when it runs, so that ten thousand of them take little memory.
 */
#pragma once

#include "harness/verify/expectation.h"

/* One scenario file. */
struct scenario_file {
    char *path;   /* as the user named it, or FOLDER/NAME.yaml */
    char *folder; /* absolute, of the file */
};

struct test_case {
    const struct scenario_file *file;
    size_t index; /* in the file's matrix */
    char *name;   /* "scenarios/multiprocess[end=_exit]"; unique */
};

struct case_list {
    size_t n_files, files_capacity;
    struct scenario_file **files;
    size_t n, capacity;
    struct test_case *cases; /* in the order of the arguments; folders by name */
};

#define CASE_LIST_MAX 1000000 /* cases in all */

/* Which cases are wanted. */
struct case_filter {
    const char *const *globs; /* fnmatch(3) on the name; also a part of it, or its file's path */
    size_t n_globs;           /* 0: all; else one must match */
    const char *const *tags;
    size_t n_tags; /* 0: all; else the scenario must have one of them */
};

/*
 * Adds the cases of a scenario file, or of all *.yaml files of a folder. Each case is read once, so
 * that a fault is found before anything runs. Returns 0; -EINVAL, the errno of open(2) and
 * opendir(3), -ENOMEM: `fault` has one line. The list stays usable.
 */
__attribute__((warn_unused_result)) int case_list_add(struct case_list *list, const char *path,
                                                      const struct case_filter *filter,
                                                      char fault[static YAML_FAULT_SIZE]);

/* Puts the cases into an order that follows from the seed alone. */
void case_list_shuffle(struct case_list *list, uint64_t seed);

/* Frees everything. NULL does nothing. */
void case_list_done(struct case_list *list);
