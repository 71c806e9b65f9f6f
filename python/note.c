/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Notes. No state. */
#include "python/note.h"

#include "python/arguments.h"
#include "sdk/spool/spool.h"

#include <string.h>
#include <time.h>

void note_write(enum note_kind kind, const char *text)
{
    struct record_note head = {.kind = (uint16_t)kind};
    size_t size = strnlen(text, RECORD_MAX_NOTE);
    struct spool_cursor cursor;
    struct timespec now;
    uint64_t time_ns;

    head.text_size = (uint16_t)size;
    clock_gettime(CLOCK_REALTIME, &now);
    time_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    if (size == 0 || lastword_spool_v1.begin(&cursor, RECORD_NOTE, time_ns,
                                             sizeof(head) + ((size + 7) & ~(size_t)7)) < 0)
        return;
    spool_put(&cursor, &head, sizeof(head));
    spool_put(&cursor, text, size);
    spool_put_padding(&cursor, size);
    (void)!lastword_spool_v1.end(&cursor);
}

PyObject *note_not_covered(PyObject *module, PyObject *text)
{
    rr_string string;

    (void)module;
    if (!argument_string(text, "text", &string))
        return NULL;
    note_write(NOTE_NOT_COVERED, string.utf8);
    Py_RETURN_NONE;
}
