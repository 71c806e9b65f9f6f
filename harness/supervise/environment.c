/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Builds the program's environment. It never calls setenv: lastword's own environment stays as it
 * was found. No state.
 */
#include "harness/supervise/environment.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASAN_OPTION        "verify_asan_link_order"
#define PRELOAD_SEPARATORS ": "

static const char *const own_names[ENVIRONMENT_N_OWN] = {
    "LD_PRELOAD",
    "LASTWORD_SESSION",
    "LASTWORD_RECORDING_ID",
    "ASAN_OPTIONS",
};

static bool sets(const char *entry, const char *name)
{
    size_t length = strlen(name);

    return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

/* Returns the value of a variable, "" when it is not set. */
static const char *find(char *const *base, const char *name)
{
    for (; *base != NULL; base++) {
        if (sets(*base, name)) {
            return *base + strlen(name) + 1;
        }
    }
    return "";
}

static bool is_shim(const char *entry, size_t length)
{
    size_t name_length = strlen(SHIM_FILE_NAME);

    return length >= name_length &&
           memcmp(entry + length - name_length, SHIM_FILE_NAME, name_length) == 0 &&
           (length == name_length || strchr("/.", entry[length - name_length - 1]) != NULL);
}

/* Ours first; a shim that an outer lastword put there would make two writers of one process. */
static char *preload_entry(const char *shim, const char *existing)
{
    size_t size = sizeof("LD_PRELOAD=") + strlen(shim) + strlen(existing) + 1;
    char *entry = malloc(size);

    if (entry == NULL) {
        return NULL;
    }
    char *end = stpcpy(stpcpy(entry, "LD_PRELOAD="), shim);
    for (const char *at = existing; *at != '\0';) {
        size_t length = strcspn(at, PRELOAD_SEPARATORS);
        if (length > 0 && !is_shim(at, length)) {
            *end++ = ':';
            end = mempcpy(end, at, length);
        }
        at += length + strspn(at + length, PRELOAD_SEPARATORS);
    }
    *end = '\0';
    return entry;
}

static char *entry_of(const char *name, const char *value)
{
    char *entry = NULL;

    return asprintf(&entry, "%s=%s", name, value) < 0 ? NULL : entry;
}

static char *asan_entry(const char *existing)
{
    char *entry = NULL;

    if (strstr(existing, ASAN_OPTION) != NULL) {
        return entry_of("ASAN_OPTIONS", existing);
    }
    return asprintf(&entry, "ASAN_OPTIONS=%s%s" ASAN_OPTION "=0", existing,
                    *existing != '\0' ? ":" : "") < 0
               ? NULL
               : entry;
}

static bool is_own(const char *entry)
{
    for (size_t i = 0; i < ENVIRONMENT_N_OWN; i++) {
        if (sets(entry, own_names[i])) {
            return true;
        }
    }
    return false;
}

static char **list_entries(char *const *base, char *const *own)
{
    size_t n_base = 0;

    while (base[n_base] != NULL) {
        n_base++;
    }
    char **entries = calloc(n_base + ENVIRONMENT_N_OWN + 1, sizeof(*entries));
    if (entries == NULL) {
        return NULL;
    }
    char **slot = entries;
    for (; *base != NULL; base++) {
        if (!is_own(*base)) {
            *slot++ = *base;
        }
    }
    memcpy(slot, own, ENVIRONMENT_N_OWN * sizeof(*slot));
    return entries;
}

int environment_init(struct environment *environment, char *const *base,
                     const struct environment_settings *settings)
{
    *environment =
        (struct environment){.own = {
                                 preload_entry(settings->shim, find(base, "LD_PRELOAD")),
                                 entry_of("LASTWORD_SESSION", settings->session),
                                 entry_of("LASTWORD_RECORDING_ID", settings->recording_id),
                                 asan_entry(find(base, "ASAN_OPTIONS")),
                             }};
    bool complete = true;
    for (size_t i = 0; i < ENVIRONMENT_N_OWN; i++) {
        complete = complete && environment->own[i] != NULL;
    }
    if (complete) {
        environment->entries = list_entries(base, environment->own);
    }
    if (environment->entries == NULL) {
        environment_done(environment);
        return -ENOMEM;
    }
    return 0;
}

void environment_done(struct environment *environment)
{
    if (environment == NULL) {
        return;
    }
    free(environment->entries);
    for (size_t i = 0; i < ENVIRONMENT_N_OWN; i++) {
        free(environment->own[i]);
    }
    *environment = (struct environment){0};
}
