/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sinks: checked here, written by the courier, which may run in another directory and much later;
 * so paths are made absolute and tried now. The only state is which viewers were noted.
 */
#include "sdk/sinks.h"

#include "sdk/error.h"
#include "sdk/spool/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* --- Checking them -------------------------------------------------------- */

__attribute__((cold)) static bool refuse_file(const struct argument_call *call, struct text path,
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

bool sink_check_file(const struct argument_call *call, struct text path,
                     char absolute[RECORDING_MAX_PATH + 1], struct text *ret_sink)
{
    const char *problem;
    int saved = errno;

    problem = make_absolute(path, absolute);
    if (!problem)
        problem = try_writing(absolute);
    errno = saved;
    if (problem)
        return refuse_file(call, path, problem);
    *ret_sink = (struct text){absolute, strlen(absolute)};
    return true;
}

bool sink_check_viewer(const struct argument_call *call, struct text url,
                       char full[VIEWER_URL_MAX_SIZE], struct text *ret_sink)
{
    size_t size = 0;
    const char *problem = viewer_url_complete(url, full, &size);

    if (problem)
        return error_set(call->error, RR_ERROR_CODE_INVALID_SERVER_URL,
                         "%s: \"%.*s\" is not the URL of a viewer: %s; write it like "
                         "rerun+http://HOST:9876/proxy",
                         call->function, (int)url.size, url.bytes, problem);
    *ret_sink = (struct text){full, size};
    return true;
}

/* --- Telling the courier -------------------------------------------------- */

/* Appends a record: a head, and text behind it. */
static int append(uint16_t kind, const void *head, size_t head_size, struct text text)
{
    size_t size = head_size + text.size;
    struct spool_cursor cursor;
    struct timespec now;
    int result;

    clock_gettime(CLOCK_REALTIME, &now);
    result = lastword_spool_v1.begin(&cursor, kind,
                                     (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec,
                                     size + (-size & 7));
    if (result < 0)
        return result;
    spool_put(&cursor, head, head_size);
    spool_put(&cursor, text.bytes, text.size);
    spool_put_padding(&cursor, size);
    return lastword_spool_v1.end(&cursor);
}

static uint64_t hash(struct text text)
{
    uint64_t value = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

    for (size_t i = 0; i < text.size; i++)
        value = (value ^ (unsigned char)text.bytes[i]) * UINT64_C(0x100000001b3);
    return value | 1;
}

/* True for the first caller with this URL in this image; false as well when there are too many. */
static bool is_first(struct text url)
{
    static _Atomic uint64_t known[64]; /* 0: free */
    uint64_t wanted = hash(url);

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        uint64_t found = 0;

        if (atomic_compare_exchange_strong(&known[i], &found, wanted))
            return true;
        if (found == wanted)
            return false;
    }
    return false;
}

/* So that reports can tell which viewers were asked for. */
static void note_viewer(struct text url)
{
    const struct record_note head = {.kind = NOTE_VIEWER, .text_size = (uint16_t)url.size};

    if (is_first(url))
        (void)!append(RECORD_NOTE, &head, sizeof(head), url);
}

/* --- Finishing them ------------------------------------------------------- */

/* A shim of an older version may have brought the table. */
static bool has_wait_thread(void)
{
    return lastword_spool_v1.size >=
           offsetof(struct spool_api, wait_thread) + sizeof(lastword_spool_v1.wait_thread);
}

static int finish(const struct record_recording *recording, uint32_t timeout_ms)
{
    const struct record_finish_sink payload = {.recording_id = recording->id};
    struct recording_spec spec;
    int result;

    recording_describe(recording, &spec);
    if (recording->id == 0 ||
        !record_sinks_have(spec.sinks.bytes, spec.sinks.size, RECORD_SINK_FILE))
        return 0;
    result = append(RECORD_FINISH_SINK, &payload, sizeof(payload), (struct text){"", 0});
    if (result < 0)
        return result;
    return has_wait_thread() ? lastword_spool_v1.wait_thread(timeout_ms) : 0;
}

int sink_finish(struct stream *stream, uint32_t timeout_ms)
{
    return stream->is_enabled ? finish(atomic_load(&stream->recording), timeout_ms) : 0;
}

/* --- Replacing them ------------------------------------------------------- */

static enum record_sink_kind kind_of(struct text sink)
{
    return record_sink_kind((struct record_sink){sink.bytes, sink.size});
}

static int measure(const struct text *sinks, size_t n, size_t *ret_size)
{
    size_t size = n > 0 ? n - 1 : 0;

    if (n > RECORD_MAX_SINKS)
        return -E2BIG;
    for (size_t i = 0; i < n; i++) {
        if (kind_of(sinks[i]) == RECORD_SINK_NONE || memchr(sinks[i].bytes, 0, sinks[i].size))
            return -EINVAL;
        size += sinks[i].size;
    }
    *ret_size = size;
    return size > RECORD_MAX_SINKS_SIZE ? -E2BIG : 0;
}

static void join(const struct text *sinks, size_t n, char *at)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            *at++ = '\0';
        memcpy(at, sinks[i].bytes, sinks[i].size);
        at += sinks[i].size;
    }
}

int stream_set_sinks(struct stream *stream, const struct text *sinks, size_t n)
{
    const struct record_recording *replaced;
    size_t size = 0;
    char *joined;
    int result = measure(sinks, n, &size);

    if (result < 0 || !stream->is_enabled)
        return result;
    joined = __builtin_alloca(size + 1);
    join(sinks, n, joined);
    result = stream_replace(stream, (struct text){joined, size}, &replaced);
    if (result < 0)
        return result;
    for (size_t i = 0; i < n; i++) {
        if (kind_of(sinks[i]) == RECORD_SINK_VIEWER)
            note_viewer(sinks[i]);
    }
    (void)!finish(replaced, SINK_FINISH_DEFAULT);
    return 0;
}
