/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Finds scenario files and counts their cases out. Runs nothing.
 */
#include "harness/scenario/case_list.h"

#include "harness/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SUFFIX ".yaml"

static int refuse(char fault[static YAML_FAULT_SIZE], const char *path, const char *what)
{
    snprintf(fault, YAML_FAULT_SIZE, "%.400s: %s", path, what);
    return -EINVAL;
}

/* --- Filtering -------------------------------------------------------------------------------- */

static bool matches_glob(const struct test_case *test, const char *glob)
{
    /* A name has brackets, which are a set to fnmatch: the whole name, as reports print it, counts.
     */
    return strcmp(glob, test->name) == 0 || strcmp(glob, test->file->path) == 0 ||
           strstr(test->name, glob) != NULL || fnmatch(glob, test->name, 0) == 0;
}

static bool is_wanted(const struct case_filter *filter, const struct test_case *test,
                      const struct run_plan *plan)
{
    bool has_tag = filter->n_tags == 0, has_name = filter->n_globs == 0;

    for (size_t i = 0; i < filter->n_tags; i++) {
        has_tag = has_tag || run_plan_has_tag(plan, filter->tags[i]);
    }
    for (size_t i = 0; i < filter->n_globs; i++) {
        has_name = has_name || matches_glob(test, filter->globs[i]);
    }
    return has_tag && has_name;
}

/* --- One file --------------------------------------------------------------------------------- */

/* "scenarios/multiprocess[end=exit]" */
static char *name_case(const char *path, const struct matrix *matrix, size_t index)
{
    CLEANUP(free_pointer) char *values = matrix_case_name(matrix, index);
    size_t size = strlen(path);
    char *name = NULL;

    if (strncmp(path, "./", 2) == 0) {
        path += 2;
        size -= 2;
    }
    if (size > strlen(SUFFIX) && strcmp(path + size - strlen(SUFFIX), SUFFIX) == 0) {
        size -= strlen(SUFFIX);
    }
    return values != NULL && asprintf(&name, "%.*s%s", (int)size, path, values) >= 0 ? name : NULL;
}

static int append(struct case_list *list, const struct test_case *test)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity > 0 ? 2 * list->capacity : 64;
        void *cases = reallocarray(list->cases, capacity, sizeof *list->cases);
        if (cases == NULL) {
            return -ENOMEM;
        }
        list->cases = cases;
        list->capacity = capacity;
    }
    list->cases[list->n++] = *test;
    return 0;
}

static int add_case(struct case_list *list, const struct scenario_file *file,
                    const struct expectation *scenario, size_t index,
                    const struct case_filter *filter)
{
    struct test_case test = {.file = file, .index = index};

    test.name = name_case(file->path, &scenario->plan.matrix, index);
    if (test.name == NULL) {
        return -ENOMEM;
    }
    int error = is_wanted(filter, &test, &scenario->plan) ? append(list, &test) : 1;
    if (error != 0) {
        free(test.name);
    }
    return error < 0 ? error : 0;
}

/* Reads each case of the file; the first tells how many there are. */
static int add_cases(struct case_list *list, const struct scenario_file *file,
                     const struct case_filter *filter, char fault[static YAML_FAULT_SIZE])
{
    size_t n = 1;

    for (size_t index = 0; index < n; index++) {
        struct expectation scenario;
        int error = expectation_load(&scenario, file->path, index, fault);
        if (error < 0) {
            return error;
        }
        n = matrix_n_cases(&scenario.plan.matrix);
        if (scenario.plan.n_words == 0) {
            error = refuse(fault, file->path,
                           "a scenario needs the key 'run': the program and its "
                           "arguments");
        } else if (list->n == CASE_LIST_MAX) {
            error = refuse(fault, file->path, "more than a million cases");
        } else {
            error = add_case(list, file, &scenario, index, filter);
        }
        expectation_done(&scenario);
        if (error < 0) {
            return error;
        }
    }
    return 0;
}

static struct scenario_file *keep_file(struct case_list *list, const char *path)
{
    struct scenario_file *file = calloc(1, sizeof *file);
    char *copy = strdup(path);

    if (list->n_files == list->files_capacity) {
        size_t capacity = list->files_capacity > 0 ? 2 * list->files_capacity : 16;
        void *files = reallocarray(list->files, capacity, sizeof(*list->files));
        if (files != NULL) {
            list->files = files;
            list->files_capacity = capacity;
        }
    }
    if (file == NULL || copy == NULL || list->n_files == list->files_capacity) {
        free(file);
        free(copy);
        return NULL;
    }
    file->path = copy;
    list->files[list->n_files++] = file;
    return file;
}

static int add_file(struct case_list *list, const char *path, const struct case_filter *filter,
                    char fault[static YAML_FAULT_SIZE])
{
    CLEANUP(free_pointer) char *real = realpath(path, NULL);
    if (real == NULL) {
        int error = -errno;
        snprintf(fault, YAML_FAULT_SIZE, "%.400s: cannot be read: %s", path, strerror(errno));
        return error;
    }
    struct scenario_file *file = keep_file(list, path);
    if (file == NULL || (file->folder = strdup(dirname(real))) == NULL) {
        snprintf(fault, YAML_FAULT_SIZE, "out of memory");
        return -ENOMEM;
    }
    return add_cases(list, file, filter, fault);
}

/* --- A folder --------------------------------------------------------------------------------- */

static int is_scenario(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return entry->d_name[0] != '.' && size > strlen(SUFFIX) &&
           strcmp(entry->d_name + size - strlen(SUFFIX), SUFFIX) == 0;
}

static int add_entry(struct case_list *list, const char *folder, const char *name,
                     const struct case_filter *filter, char fault[static YAML_FAULT_SIZE])
{
    CLEANUP(free_pointer) char *path = NULL;
    size_t size = strlen(folder);

    while (size > 1 && folder[size - 1] == '/') {
        size--;
    }
    if (asprintf(&path, "%.*s/%s", (int)size, folder, name) < 0) {
        path = NULL;
        snprintf(fault, YAML_FAULT_SIZE, "out of memory");
        return -ENOMEM;
    }
    return add_file(list, path, filter, fault);
}

static int add_folder(struct case_list *list, const char *path, const struct case_filter *filter,
                      char fault[static YAML_FAULT_SIZE])
{
    struct dirent **entries = NULL;
    int n = scandir(path, &entries, is_scenario, alphasort);
    int error = 0;

    if (n < 0) {
        error = -errno;
        snprintf(fault, YAML_FAULT_SIZE, "%.400s: cannot be read: %s", path, strerror(errno));
        return error;
    }
    if (n == 0) {
        error = refuse(fault, path, "there are no scenarios (*.yaml) in this folder");
    }
    for (int i = 0; i < n; i++) {
        error = error < 0 ? error : add_entry(list, path, entries[i]->d_name, filter, fault);
        free(entries[i]);
    }
    free(entries);
    return error;
}

int case_list_add(struct case_list *list, const char *path, const struct case_filter *filter,
                  char fault[static YAML_FAULT_SIZE])
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode)
               ? add_folder(list, path, filter, fault)
               : add_file(list, path, filter, fault);
}

/* --- The list --------------------------------------------------------------------------------- */

/* SplitMix64, by Sebastiano Vigna: the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void case_list_shuffle(struct case_list *list, uint64_t seed)
{
    for (size_t i = list->n; i > 1; i--) {
        size_t j = next_random(&seed) % i;
        struct test_case swapped = list->cases[i - 1];
        list->cases[i - 1] = list->cases[j];
        list->cases[j] = swapped;
    }
}

void case_list_done(struct case_list *list)
{
    if (list == NULL) {
        return;
    }
    for (size_t i = 0; i < list->n; i++) {
        free(list->cases[i].name);
    }
    for (size_t i = 0; i < list->n_files; i++) {
        free(list->files[i]->path);
        free(list->files[i]->folder);
        free(list->files[i]);
    }
    free(list->cases);
    free(list->files);
    *list = (struct case_list){0};
}
