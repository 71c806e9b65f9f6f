/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rows of the archetype TextLog from C strings. The most frequent row of all: nothing but checks,
 * sizes and copies on its way. No state.
 */
#include "sdk/include/lastword.h"

#include "sdk/error.h"
#include "sdk/record/builtin.h"
#include "sdk/row.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

#define MAX_TEXT (BATCH_MAX_SIZE - 64)

/* Formatted texts up to this size need no memory of their own. */
#define SHORT_TEXT_SIZE 1024

/* What is logged, checked. An empty level is none. */
struct content {
    struct text text;
    struct text level;
    const uint32_t *color;
};

static bool put(const struct argument_call *call, struct stream *stream, struct text entity_path,
                const struct content *content)
{
    uint32_t ids[3] = {BUILTIN_TEXT_LOG_TEXT};
    struct row row = {
        .call = *call,
        .stream = stream,
        .entity_path = entity_path,
        .n_components = 1,
        .component_ids = ids,
        .batches_size = batch_size_texts(1, content->text.size),
    };
    struct spool_cursor cursor;

    if (content->level.size > 0) {
        ids[row.n_components++] = BUILTIN_TEXT_LOG_LEVEL;
        row.batches_size += batch_size_texts(1, content->level.size);
    }
    if (content->color) {
        ids[row.n_components++] = BUILTIN_TEXT_LOG_COLOR;
        row.batches_size += batch_size_fixed(1, sizeof(*content->color));
    }
    if (!row_begin(&row, &cursor))
        return false;
    batch_put_text(&cursor, content->text);
    if (content->level.size > 0)
        batch_put_text(&cursor, content->level);
    if (content->color)
        batch_put_fixed(&cursor, content->color, 1, sizeof(*content->color));
    return row_end(&row, &cursor);
}

static bool log_content(const struct argument_call *call, const char *entity_path,
                        const char *level, struct content *content)
{
    struct text path;
    struct stream *stream;

    if (!argument_check_cstring(call, "entity_path", entity_path, ARGUMENT_OPTIONAL,
                                RECORD_MAX_ENTITY_PATH, &path) ||
        (level && !argument_check_cstring(call, "level", level, ARGUMENT_OPTIONAL, MAX_TEXT,
                                          &content->level)) ||
        !stream_find_current(call, &stream))
        return false;
    return !stream->is_enabled || put(call, stream, path, content);
}

bool lw_log_text(const char *entity_path, const char *level, const char *text, rr_error *error)
{
    const struct argument_call call = {"lw_log_text", error};
    struct content content = {0};

    return argument_check_cstring(&call, "text", text, ARGUMENT_OPTIONAL, MAX_TEXT,
                                  &content.text) &&
           log_content(&call, entity_path, level, &content);
}

bool lw_log_text_log(const char *entity_path, const struct lw_text_log *text_log, rr_error *error)
{
    const struct argument_call call = {"lw_log_text_log", error};
    struct content content = {0};

    if (!argument_check_pointer(&call, "text_log", text_log) ||
        !argument_check_cstring(&call, "text_log.text", text_log->text, ARGUMENT_OPTIONAL, MAX_TEXT,
                                &content.text))
        return false;
    content.color = text_log->color;
    return log_content(&call, entity_path, text_log->level, &content);
}

/* --- Formatted text ------------------------------------------------------- */

static bool log_formatted(const struct argument_call *call, const char *entity_path,
                          const char *level, const char *text, size_t size)
{
    struct content content = {0};

    return argument_check_text(call, "the formatted text", text, size, ARGUMENT_OPTIONAL, MAX_TEXT,
                               &content.text) &&
           log_content(call, entity_path, level, &content);
}

/* A text too long for the stack goes through pages of its own: the heap may be locked in a child.
 */
__attribute__((format(printf, 5, 0))) static bool log_long(const struct argument_call *call,
                                                           const char *entity_path,
                                                           const char *level, size_t size,
                                                           const char *format, va_list arguments)
{
    char *text = mmap(NULL, size + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool is_logged;

    if (text == MAP_FAILED)
        return error_set(call->error, RR_ERROR_CODE_OUT_OF_MEMORY,
                         "%s: no memory for a text of %zu bytes: log it in parts", call->function,
                         size);
    vsnprintf(text, size + 1, format, arguments);
    is_logged = log_formatted(call, entity_path, level, text, size);
    munmap(text, size + 1);
    return is_logged;
}

bool lw_log_textf(const char *entity_path, const char *level, rr_error *error, const char *format,
                  ...)
{
    const struct argument_call call = {"lw_log_textf", error};
    char text[SHORT_TEXT_SIZE];
    va_list arguments;
    va_list again;
    int saved = errno;
    bool is_logged;
    int size;

    if (!argument_check_pointer(&call, "format", format))
        return false;
    va_start(arguments, format);
    va_copy(again, arguments);
    size = vsnprintf(text, sizeof(text), format, arguments);
    if (size < 0)
        is_logged =
            error_set(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT,
                      "%s: vsnprintf refused the format: look at its conversions", call.function);
    else if ((size_t)size < sizeof(text))
        is_logged = log_formatted(&call, entity_path, level, text, (size_t)size);
    else
        is_logged = log_long(&call, entity_path, level, (size_t)size, format, again);
    va_end(again);
    va_end(arguments);
    errno = saved;
    return is_logged;
}
