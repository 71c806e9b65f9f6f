/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Redoing a commit. Can itself be killed and done again.
 */
#include "harness/courier/redo.h"

#include "harness/courier/block_copy.h"
#include "harness/courier/journal.h"
#include "harness/courier/session_files.h"

#include <errno.h>

struct redo {
    int session;
    uid_t owner;
    const struct journal_entry *entries;
    size_t n_entries;
};

static int redo_spool(void *context, const char *name)
{
    const struct redo *redo = context;
    struct rrd_error error;
    struct spool_map map;

    int result = spool_map_open(&map, redo->session, name, redo->owner, &error);

    /* One that is none will not be read afterwards either. */
    if (result == -EBADMSG || result == -EPERM || result == -EPROTONOSUPPORT || result == -EINVAL)
        return 0;
    if (result < 0)
        return result;
    for (size_t i = 0; i < redo->n_entries; i++) {
        const struct journal_entry *entry = &redo->entries[i];

        if (entry->family == map.family && entry->block < map.n_blocks)
            block_store_position(&map, entry->block, entry->position);
    }
    spool_map_close(&map);
    return 0;
}

int redo_commit(int session, uid_t owner)
{
    struct redo redo = {.session = session, .owner = owner};
    struct journal journal;
    int result = 0;

    if (journal_open(&journal, session) < 0)
        return 0;
    if (journal_unfinished(&journal, &redo.entries, &redo.n_entries)) {
        result = session_visit_spools(session, redo_spool, &redo);
        if (result == 0)
            journal_finish(&journal);
    }
    journal_close(&journal);
    return result;
}
