/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The end of a session directory. It never removes a spool of a program that ran: that is the
 * courier's, once the rows are in the recording. No state.
 */
#include "harness/supervise/session_end.h"

#include "harness/supervise/shim.h"

#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool holds_only_the_link(DIR *directory)
{
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (!is_dot(entry->d_name) && strcmp(entry->d_name, SHIM_LINK_NAME) != 0) {
            return false;
        }
    }
    return true;
}

void session_remove_if_done(const char *session)
{
    DIR *directory = opendir(session);

    if (directory == NULL) {
        return;
    }
    if (holds_only_the_link(directory)) {
        shim_remove_link(session);
        rmdir(session);
    }
    closedir(directory);
}

void session_discard(const char *session)
{
    DIR *directory = opendir(session);

    if (directory == NULL) {
        return;
    }
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (!is_dot(entry->d_name)) {
            unlinkat(dirfd(directory), entry->d_name, 0);
        }
    }
    closedir(directory);
    rmdir(session);
}
