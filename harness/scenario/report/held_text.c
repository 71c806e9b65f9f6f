/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Holds text back in a file of the system's folder for such. Knows nothing of what it holds. */
#include "harness/scenario/report/held_text.h"

#include <errno.h>
#include <stddef.h>

FILE *held_text_open(struct held_text *held)
{
    if (held->file == NULL) {
        held->file = tmpfile();
    }
    return held->file;
}

/* The cause, where the C library still knows it. */
static int cause(void)
{
    return errno != 0 ? -errno : -EIO;
}

int held_text_copy(struct held_text *held, FILE *out)
{
    char bytes[BUFSIZ];
    size_t n;

    if (held->file == NULL) {
        return 0;
    }
    errno = 0; /* a write that failed earlier has left its mark in the stream, and no cause */
    if (fflush(held->file) != 0 || fseek(held->file, 0, SEEK_SET) != 0) {
        return cause();
    }
    while ((n = fread(bytes, 1, sizeof(bytes), held->file)) > 0) {
        fwrite(bytes, 1, n, out);
    }
    return ferror(held->file) ? cause() : 0;
}

void held_text_done(struct held_text *held)
{
    if (held->file != NULL) {
        fclose(held->file);
        held->file = NULL;
    }
}
