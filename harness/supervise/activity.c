/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads /proc/PID/wchan, the kernel function in which a process waits. No state.
 */
#include "harness/supervise/activity.h"

#include "harness/cleanup.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *describe_state(char state)
{
    switch (state) {
    case 'R':
        return "running";
    case 'S':
        return "sleeping";
    case 'D':
        return "waiting for a device";
    case 'T':
        return "stopped";
    case 't':
        return "stopped by a debugger";
    default:
        return "in an unknown state";
    }
}

/* Sets `name` to the function, or to "". The kernel writes "0" for what it does not tell. */
static void read_wait_channel(pid_t pid, char name[static 40])
{
    char path[32];
    snprintf(path, sizeof(path), "/proc/%d/wchan", (int)pid);
    CLEANUP(close_file) FILE *file = fopen(path, "re");
    size_t size = file != NULL ? fread(name, 1, 39, file) : 0;

    name[size] = '\0';
    for (size_t i = 0; i < size; i++) {
        if (!isalnum((unsigned char)name[i]) && strchr("_.", name[i]) == NULL) {
            name[i] = '\0';
            break;
        }
    }
    if (strcmp(name, "0") == 0) {
        name[0] = '\0';
    }
}

void activity_read(const struct tree_process *process, char *text, size_t size)
{
    char channel[40] = "";

    if (process->state == 'S' || process->state == 'D') {
        read_wait_channel(process->pid, channel);
    }
    snprintf(text, size, "%s%s%s", describe_state(process->state), *channel != '\0' ? " in " : "",
             channel);
}

/* Sets `name` to "pipe:[1234]", or to "" where the descriptor is no pipe. */
static void read_pipe(const char *path, char name[static 40])
{
    ssize_t size = readlink(path, name, 39);

    name[size > 0 ? size : 0] = '\0';
    if (strncmp(name, "pipe:", 5) != 0) {
        name[0] = '\0';
    }
}

static bool has_pipe(pid_t pid, const char *wanted)
{
    char folder[32], path[PATH_MAX], name[40];
    bool found = false;

    snprintf(folder, sizeof(folder), "/proc/%d/fd", (int)pid);
    DIR *directory = *wanted != '\0' ? opendir(folder) : NULL;
    if (directory == NULL) {
        return false;
    }
    for (struct dirent *entry; !found && (entry = readdir(directory)) != NULL;) {
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        read_pipe(path, name);
        found = strcmp(name, wanted) == 0;
    }
    closedir(directory);
    return found;
}

void activity_add_streams(pid_t pid, char *text, size_t size)
{
    char out[40], err[40];
    size_t used = strlen(text);

    read_pipe("/proc/self/fd/1", out);
    read_pipe("/proc/self/fd/2", err);
    bool has_out = has_pipe(pid, out), has_err = has_pipe(pid, err);
    if (has_out || has_err) {
        snprintf(text + used, size - used, ", with %s%s%s open", has_out ? "standard output" : "",
                 has_out && has_err ? " and " : "", has_err ? "standard error" : "");
    }
}
