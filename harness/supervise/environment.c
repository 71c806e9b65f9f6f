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

/* The first and the last two come with the shim. */
enum own { PRELOAD, SESSION, RECORDING, FLUSH, ASAN, SDK };

static const char *const own_names[ENVIRONMENT_N_OWN] = {
    [PRELOAD] = "LD_PRELOAD",
    [SESSION] = "LASTWORD_SESSION",
    [RECORDING] = "LASTWORD_RECORDING_ID",
    [FLUSH] = "LASTWORD_FLUSH",
    [ASAN] = "ASAN_OPTIONS",
    [SDK] = "LASTWORD_SDK",
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
static char *preload_entry(const char *shim, const char *sdk, const char *existing)
{
    size_t size = sizeof("LD_PRELOAD=") + strlen(shim) + strlen(sdk) + strlen(existing) + 2;
    char *entry = malloc(size);

    if (entry == NULL) {
        return NULL;
    }
    char *end = stpcpy(stpcpy(entry, "LD_PRELOAD="), shim);
    if (*sdk != '\0') {
        end = stpcpy(stpcpy(end, ":"), sdk);
    }
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

/* Is `path` an entry of this value of LD_PRELOAD? */
static bool names(const char *value, const char *path)
{
    while (*value != '\0') {
        size_t length = strcspn(value, PRELOAD_SEPARATORS);
        if (length == strlen(path) && memcmp(value, path, length) == 0) {
            return true;
        }
        value += length + strspn(value + length, PRELOAD_SEPARATORS);
    }
    return false;
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

/* Is it one that is set anew? */
static bool is_own(const struct environment *environment, const char *entry)
{
    for (size_t i = 0; i < ENVIRONMENT_N_OWN; i++) {
        if (environment->own[i] != NULL && sets(entry, own_names[i])) {
            return true;
        }
    }
    return false;
}

static char **list_entries(const struct environment *environment, char *const *base)
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
        if (!is_own(environment, *base)) {
            *slot++ = *base;
        }
    }
    for (size_t i = 0; i < ENVIRONMENT_N_OWN; i++) {
        if (environment->own[i] != NULL) {
            *slot++ = environment->own[i];
        }
    }
    return entries;
}

/* Returns false where memory is short. */
static bool make_own(struct environment *environment, char *const *base,
                     const struct environment_settings *settings)
{
    bool has_flush = settings->flush != NULL && *settings->flush != '\0';
    char **own = environment->own;

    own[SESSION] = entry_of("LASTWORD_SESSION", settings->session);
    own[RECORDING] = entry_of("LASTWORD_RECORDING_ID", settings->recording_id);
    own[FLUSH] = has_flush ? entry_of("LASTWORD_FLUSH", settings->flush) : NULL;
    if (own[SESSION] == NULL || own[RECORDING] == NULL || (has_flush && own[FLUSH] == NULL)) {
        return false;
    }
    if (settings->shim == NULL) {
        return true;
    }
    bool has_sdk = settings->sdk != NULL && !names(find(base, "LD_PRELOAD"), settings->sdk);
    own[PRELOAD] =
        preload_entry(settings->shim, has_sdk && settings->needs_sdk ? settings->sdk : "",
                      find(base, "LD_PRELOAD"));
    own[ASAN] = asan_entry(find(base, "ASAN_OPTIONS"));
    if (has_sdk) {
        own[SDK] = entry_of("LASTWORD_SDK", settings->sdk);
    }
    return (own[SDK] != NULL || !has_sdk) && own[PRELOAD] != NULL && own[ASAN] != NULL;
}

int environment_init(struct environment *environment, char *const *base,
                     const struct environment_settings *settings)
{
    *environment = (struct environment){0};
    if (make_own(environment, base, settings)) {
        environment->entries = list_entries(environment, base);
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
