/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where the shim lies, and a name for it that LD_PRELOAD can carry. No state.
 */
#include "harness/supervise/shim.h"

#include "harness/supervise/environment.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* From the folder of the executable; %s is the shim's name. */
static const char *const places[] = {
    "../preload/",
    "../" LASTWORD_LIBDIR "/lastword/",
};
#define N_PLACES (sizeof(places) / sizeof(places[0]))

static int own_folder(char folder[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);

    if (length < 0) {
        return -errno;
    }
    folder[length] = '\0';
    *strrchr(folder, '/') = '\0';
    return 0;
}

/* From the folder of the executable. */
static const char *const sdk_places[] = {
    "../sdk/liblastword.so",
    "../" LASTWORD_LIBDIR "/liblastword.so.0",
};

static int find_override(const char *given, char ret_path[PATH_MAX], char *error_text,
                         size_t error_size)
{
    if (realpath(given, ret_path) != NULL && access(ret_path, R_OK) == 0) {
        return 0;
    }
    int error = errno;
    snprintf(error_text, error_size, "cannot read the shim that LASTWORD_SHIM names, '%s': %s",
             given, strerror(error));
    return -error;
}

int shim_find(char ret_path[PATH_MAX], char *error_text, size_t error_size)
{
    char folder[PATH_MAX];
    char candidate[2 * PATH_MAX];
    const char *given = getenv("LASTWORD_SHIM");

    if (given != NULL && *given != '\0') {
        return find_override(given, ret_path, error_text, error_size);
    }
    int rc = own_folder(folder);
    if (rc < 0) {
        snprintf(error_text, error_size,
                 "cannot find the shim, because /proc/self/exe cannot be "
                 "read (%s): mount /proc, or name the shim in LASTWORD_SHIM",
                 strerror(-rc));
        return rc;
    }
    for (size_t i = 0; i < N_PLACES; i++) {
        snprintf(candidate, sizeof(candidate), "%s/%s" SHIM_FILE_NAME, folder, places[i]);
        if (realpath(candidate, ret_path) != NULL && access(ret_path, R_OK) == 0) {
            return 0;
        }
    }
    snprintf(error_text, error_size,
             "cannot find " SHIM_FILE_NAME
             " in %s/%s or %s/%s: install lastword again, or name the "
             "file in LASTWORD_SHIM",
             folder, places[0], folder, places[1]);
    return -ENOENT;
}

static int link_path(const char *session, char path[PATH_MAX])
{
    int length = snprintf(path, PATH_MAX, "%s/" SHIM_LINK_NAME, session);

    return length < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static bool is_loadable(const char *path)
{
    return path[strcspn(path, " :$\t\n")] == '\0';
}

int shim_make_loadable(const char *session, char path[PATH_MAX])
{
    char link[PATH_MAX];

    if (is_loadable(path)) {
        return 0;
    }
    int rc = link_path(session, link);
    if (rc < 0) {
        return rc;
    }
    if (!is_loadable(link)) {
        return -EINVAL;
    }
    if (symlink(path, link) < 0) {
        return -errno;
    }
    memcpy(path, link, strlen(link) + 1);
    return 0;
}

/* Under one name for all: the real path, as two names would be loaded as two libraries. */
static bool take_sdk(const char *candidate, char ret_path[PATH_MAX])
{
    return realpath(candidate, ret_path) != NULL && access(ret_path, R_OK) == 0 &&
           is_loadable(ret_path);
}

void shim_find_sdk(char ret_path[PATH_MAX])
{
    char folder[PATH_MAX];
    char candidate[2 * PATH_MAX];
    const char *given = getenv("LASTWORD_SDK");

    if (given != NULL && *given != '\0') {
        if (!take_sdk(given, ret_path)) {
            *ret_path = '\0';
        }
        return;
    }
    for (size_t i = 0; i < sizeof(sdk_places) / sizeof(sdk_places[0]); i++) {
        if (own_folder(folder) == 0) {
            snprintf(candidate, sizeof(candidate), "%s/%s", folder, sdk_places[i]);
            if (take_sdk(candidate, ret_path)) {
                return;
            }
        }
    }
    *ret_path = '\0';
}

void shim_remove_link(const char *session)
{
    char link[PATH_MAX];

    if (link_path(session, link) == 0) {
        unlink(link);
    }
}
