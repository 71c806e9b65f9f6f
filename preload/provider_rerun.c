/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The official C SDK, where it is linked into the program: its streams are ended, which makes it
 * send what it still holds, and wait for that. Seen by its symbol in the executable, without being
 * asked for.
 *
 * Owns `stream_free`, which is read-only after the constructor.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 */
#include "preload/provider.h"

#include <stdint.h>
#include <string.h>

#define NAME "rerun-c static"

/*
 * Smaller programs cannot hold it: its machine code alone is several MiB. So their files, which are
 * nearly all that are started, need not be opened.
 */
#define LEAST_CODE ((size_t)1 << 20)

/* Ids count from 0, and nobody tells how many there are; one that does not exist is ignored. */
#define MAX_STREAMS 1024u

static void (*stream_free)(uint32_t stream);

bool rerun_detect(const struct provider_asked *asked)
{
    void *found = symbol_in_executable("rr_recording_stream_free", LEAST_CODE);

    (void)asked;
    if (!found)
        return false;
    memcpy(&stream_free, &found, sizeof(found));
    provider_note(NAME, NULL);
    return true;
}

/* A forked child has not the threads that would send: there it would wait in vain. */
void rerun_flush(void)
{
    if (!provider_in_first_process())
        return;
    for (uint32_t stream = 0; stream < MAX_STREAMS; stream++)
        stream_free(stream);
}
