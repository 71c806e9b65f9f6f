/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Chooses and checks the path of the recording. It creates nothing: that is the courier's. No
 * state.
 */
#include "harness/supervise/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int set_name(struct output *output, const char *given, const char *program)
{
    const char *slash = strrchr(program, '/');
    int length;

    if (given != NULL) {
        length = snprintf(output->shown, sizeof(output->shown), "%s", given);
    } else {
        length = snprintf(output->shown, sizeof(output->shown), "lastword-%.100s-%d.rrd",
                          slash != NULL ? slash + 1 : program, (int)getpid());
    }
    return length < (int)sizeof(output->shown) ? 0 : -ENAMETOOLONG;
}

/* A link is followed now: renaming onto it would replace the link and leave its target as it was.
 */
static int resolve(struct output *output)
{
    struct stat status;
    char folder[PATH_MAX];

    if (lstat(output->shown, &status) == 0) {
        return realpath(output->shown, output->path) != NULL ? 0 : -errno;
    }
    if (errno != ENOENT) {
        return -errno;
    }
    const char *slash = strrchr(output->shown, '/');
    const char *name = slash != NULL ? slash + 1 : output->shown;
    /* "x" lies in ".", "/x" in "/": with the slash the root is no special case. */
    snprintf(folder, sizeof(folder), "%.*s", (int)(name - output->shown), output->shown);
    char *resolved = realpath(slash != NULL ? folder : ".", NULL);
    if (resolved == NULL) {
        return -errno;
    }
    int length = snprintf(output->path, sizeof(output->path), "%s/%s",
                          strcmp(resolved, "/") == 0 ? "" : resolved, name);
    free(resolved);
    return length < (int)sizeof(output->path) ? 0 : -ENAMETOOLONG;
}

static int check_target(const struct output *output)
{
    struct stat status;

    if (stat(output->path, &status) < 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    if (S_ISDIR(status.st_mode)) {
        return -EISDIR;
    }
    return S_ISREG(status.st_mode) ? 0 : -EEXIST;
}

static int check_folder(const struct output *output)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(output->path, '/');

    if (strlen(slash + 1) + strlen(OUTPUT_PART_SUFFIX) > NAME_MAX ||
        strlen(output->path) + strlen(OUTPUT_PART_SUFFIX) >= PATH_MAX) {
        return -ENAMETOOLONG;
    }
    snprintf(folder, sizeof(folder), "%.*s", (int)(slash + 1 - output->path), output->path);
    return faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static const char *remedy(int error)
{
    switch (error) {
    case -ENOENT:
        return "its directory does not exist, or it is a link to nowhere: make the directory first";
    case -EISDIR:
        return "it is a directory: name a file in it";
    case -EEXIST:
        return "something else than a file stands there: name another";
    case -ENAMETOOLONG:
        return "the name is too long";
    case -EACCES:
    case -EROFS:
        return "its directory cannot be written: choose another place with -o FILE";
    default:
        return strerror(-error);
    }
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);

    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

int output_decide(struct output *ret_output, const char *given, const char *program,
                  char *error_text, size_t error_size)
{
    if (given != NULL && *given == '\0') {
        snprintf(error_text, error_size, "-o needs the name of a file");
        return -EINVAL;
    }
    int rc = set_name(ret_output, given, program);
    if (rc == 0) {
        rc = given != NULL && ends_with(given, "/") ? -EISDIR : resolve(ret_output);
    }
    if (rc == 0) {
        rc = check_target(ret_output);
    }
    if (rc == 0) {
        rc = check_folder(ret_output);
    }
    if (rc < 0) {
        snprintf(error_text, error_size, "cannot write the recording '%s': %s", ret_output->shown,
                 remedy(rc));
    }
    return rc;
}
