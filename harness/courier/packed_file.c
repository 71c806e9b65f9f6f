/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Making compressed recordings. Any step can be the last before a death: until the rename nothing
 * is lost and nothing is there; the caller makes it again then. No state.
 */
#include "harness/courier/packed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX ".zst"

bool packed_file_is_meant(const char *path)
{
    size_t size = strlen(path);

    return size > strlen(SUFFIX) && strcmp(path + size - strlen(SUFFIX), SUFFIX) == 0;
}

/*
 * The plain file may go only once the new name is on the disk. Not all file systems can sync a
 * folder; on those nothing better can be done.
 */
static void sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    int file;

    snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') + 1 - path), path);
    file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return;
    (void)!fsync(file);
    close(file);
}

static int fill(int plain, int file, const struct zstd_progress *progress, struct stat *ret_status)
{
    int result = zstd_copy(plain, file, ZSTD_COPY_DEFAULT_LEVEL, progress);

    if (result < 0)
        return result;
    return fsync(file) < 0 || fstat(file, ret_status) < 0 ? -errno : 0;
}

/* Not truncated but removed: another name may lead to the same file. */
static int make_temporary(const char *path)
{
    int file;

    (void)!unlink(path);
    file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    return file < 0 ? -errno : file;
}

int packed_file_make(int plain, const char *temporary, const char *path,
                     const struct zstd_progress *progress, struct stat *ret_status)
{
    int file = make_temporary(temporary);
    int result;

    if (file < 0)
        return file;
    result = fill(plain, file, progress, ret_status);
    close(file);
    if (result == 0 && rename(temporary, path) < 0)
        result = -errno;
    if (result == 0)
        sync_folder_of(path);
    else
        (void)!unlink(temporary);
    return result;
}
