/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Compresses a recording into the folder of the evidence, under a name of its own until it is
 * whole.
 */
#include "harness/scenario/evidence.h"

#include "harness/cleanup.h"
#include "harness/wire/zstd_copy.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define MAX_NAME 200 /* bytes, without the hash */

/* Each name has a file of its own: what file names and shells do not like becomes %20 and the like.
 */
static void encode(FILE *out, const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        if (isalnum((unsigned char)*c) || strchr("._=+#,@[]-", *c) != NULL) {
            fputc(*c, out);
        } else {
            fprintf(out, "%%%02X", (unsigned)(unsigned char)*c);
        }
    }
}

/* A name that is too long for a file ends with its hash. */
static char *make_path(const char *folder, const char *name)
{
    CLEANUP(free_pointer) char *encoded = NULL;
    size_t size = 0;
    char *path = NULL;
    FILE *out = open_memstream(&encoded, &size);

    if (out == NULL) {
        return NULL;
    }
    encode(out, name);
    if (fclose(out) != 0) {
        return NULL;
    }
    int printed = size <= MAX_NAME
                      ? asprintf(&path, "%s/%s.rrd.zst", folder, encoded)
                      : asprintf(&path, "%s/%.*s-%016llx.rrd.zst", folder, MAX_NAME, encoded,
                                 (unsigned long long)XXH64(name, strlen(name), 0));
    return printed < 0 ? NULL : path;
}

static int compress(int from, const char *part)
{
    int to = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (to < 0) {
        return -errno;
    }
    int error = zstd_copy(from, to, ZSTD_COPY_DEFAULT_LEVEL, NULL);
    if (close(to) < 0 && error == 0) {
        error = -errno;
    }
    return error;
}

static int copy(const char *recording, const char *part, const char *path)
{
    int from = open(recording, O_RDONLY | O_CLOEXEC);

    if (from < 0) {
        return -errno;
    }
    int error = compress(from, part);
    close(from);
    if (error == 0 && rename(part, path) < 0) {
        error = -errno;
    }
    if (error < 0) {
        unlink(part);
    }
    return error;
}

int evidence_keep(const char *folder, const char *name, const char *recording, char **ret_path)
{
    CLEANUP(free_pointer) char *part = NULL;
    char *path = make_path(folder, name);

    if (path == NULL || asprintf(&part, "%s.part", path) < 0) {
        part = NULL;
        free(path);
        return -ENOMEM;
    }
    int error = mkdir(folder, 0777) < 0 && errno != EEXIST ? -errno : copy(recording, part, path);
    if (error < 0) {
        free(path);
    } else {
        *ret_path = path;
    }
    return error;
}
