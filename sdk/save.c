/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Saving to a file: the SDK only says where. The file is written, and replaced, by the courier,
 * which may run in another directory and much later; so the path is made absolute and tried now. No
 * state.
 */
#include "sdk/save.h"

#include "sdk/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

__attribute__((cold)) static bool refuse(const struct argument_call *call, struct text path,
                                         const char *cause)
{
    return error_set(call->error, RR_ERROR_CODE_RECORDING_STREAM_SAVE_FAILURE,
                     "%s: cannot save (%s): name a file in a directory that can be written, "
                     "instead of \"%.*s\"",
                     call->function, cause, (int)path.size, path.bytes);
}

/* Returns NULL, or why the path cannot be made absolute. */
static const char *make_absolute(struct text path, char absolute[RECORDING_MAX_PATH + 1])
{
    size_t used = 0;

    if (path.bytes[0] != '/') {
        if (!getcwd(absolute, RECORDING_MAX_PATH))
            return "the present directory is gone or its path is too long";
        used = strlen(absolute);
        absolute[used++] = '/';
    }
    if (used + path.size > RECORDING_MAX_PATH)
        return "the path is too long";
    memcpy(absolute + used, path.bytes, path.size);
    absolute[used + path.size] = '\0';
    return NULL;
}

/*
 * Returns NULL, or why the path cannot be written. What is there stays as it is. Only a regular
 * file will do, as it will be replaced. O_NONBLOCK: opening a pipe must not wait for its reader.
 */
static const char *try_writing(const char *path)
{
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    const char *problem = NULL;
    struct stat status;
    int file = open(path, flags, 0666);

    if (file < 0)
        return strerrordesc_np(errno);
    if (fstat(file, &status) < 0)
        problem = strerrordesc_np(errno);
    else if (!S_ISREG(status.st_mode))
        problem = "not a regular file";
    close(file);
    return problem;
}

bool save_to(const struct argument_call *call, struct stream *stream, struct text path)
{
    char absolute[RECORDING_MAX_PATH + 1];
    const char *problem;
    int saved = errno;
    int result = 0;

    if (!stream->is_enabled)
        return true;
    problem = make_absolute(path, absolute);
    if (!problem)
        problem = try_writing(absolute);
    if (!problem)
        result = stream_set_sink_path(stream, (struct text){absolute, strlen(absolute)});
    errno = saved;
    if (problem)
        return refuse(call, path, problem);
    return result == 0 || error_set_spool(call->error, RR_ERROR_CODE_RECORDING_STREAM_SAVE_FAILURE,
                                          call->function, result);
}
