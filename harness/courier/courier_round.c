/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rounds: every spool is read to where its writers are, and what was read is committed together.
 */
#include "harness/courier/courier_internal.h"

#include "harness/courier/array.h"
#include "harness/courier/clock_ns.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BATCH_NS    8000000ull    /* age of the oldest row of a batch when it is committed */
#define CHECK_NS    1000000000ull /* between looks at what nothing tells of */
#define ROOM_BLOCKS 64u           /* given back to a full file system at once */

/* --- Families ----------------------------------------------------------------------------------
 */

struct served_family *courier_find_family(const struct courier *courier, const char *name)
{
    for (size_t i = 0; i < courier->n_families; i++) {
        if (strcmp(courier->families[i]->map.name, name) == 0)
            return courier->families[i];
    }
    return NULL;
}

/* A copy of a spool that is served already: the rows in it are the same. */
static int refuse_copy(struct served_family *family, struct rrd_error *error)
{
    rrd_error_set(error, "%s: a copy of another spool; left alone", family->map.name);
    served_family_close(family);
    return -EEXIST;
}

static int open_family(struct courier *courier, const char *name, struct rrd_error *error)
{
    struct served_family *family;
    int result = served_family_open(&courier->shared, name, &family, error);

    if (result < 0)
        return result;
    for (size_t i = 0; i < courier->n_families; i++) {
        if (courier->families[i]->map.family == family->map.family)
            return refuse_copy(family, error);
    }
    courier->families[courier->n_families++] = family;
    return 0;
}

/* A file that is no spool of ours is left alone, and named in the report. */
int courier_add_family(void *context, const char *name)
{
    struct courier *courier = context;
    struct served_family **families;
    struct rrd_error error;
    int result;

    if (courier_find_family(courier, name) != NULL)
        return 0;
    families = array_grow(courier->families, courier->n_families, &courier->capacity,
                          sizeof(struct served_family *));
    if (families == NULL)
        return -ENOMEM;
    courier->families = families;
    result = open_family(courier, name, &error);
    if (result == -ENOMEM)
        return result;
    if (result < 0 && result != -ENOENT && courier->recorder.first_damage.text[0] == 0)
        courier->recorder.first_damage = error;
    return 0;
}

void courier_check_use(struct courier *courier)
{
    for (size_t i = 0; i < courier->n_families; i++)
        served_family_check_use(courier->families[i]);
}

/* A spool of which everything is stored goes. One that was damaged stays, for its owner to see. */
static void remove_family(struct courier *courier, size_t i)
{
    struct served_family *family = courier->families[i];

    if (!family->is_damaged)
        (void)!unlinkat(courier->shared.session, family->map.name, 0);
    served_family_close(family);
    courier->families[i] = courier->families[--courier->n_families];
}

static void remove_finished(struct courier *courier)
{
    for (size_t i = courier->n_families; i > 0; i--) {
        if (served_family_is_finished(courier->families[i - 1]))
            remove_family(courier, i - 1);
    }
}

/* --- Commits -----------------------------------------------------------------------------------
 */

static size_t count_dirty(const struct courier *courier)
{
    size_t n = 0;

    for (size_t i = 0; i < courier->n_families; i++)
        n += spool_reader_n_dirty(courier->families[i]->reader);
    return n;
}

static int tell_committed(struct courier *courier)
{
    for (size_t i = 0; i < courier->n_families; i++) {
        int result = served_family_committed(courier->families[i]);

        if (result < 0)
            return result;
    }
    return 0;
}

/* No room on the disk passes, as a rule: keep the batch and try again. */
static bool may_pass(int result)
{
    return result == -ENOSPC || result == -EDQUOT;
}

/* Is there anybody for whom waiting is better than giving up? */
static bool is_awaited(const struct courier *courier)
{
    bool is_used = courier->control >= 0;

    for (size_t i = 0; i < courier->n_families; i++)
        is_used |= !courier->families[i]->is_unused;
    return is_used && !courier->must_finish && !courier->only_delivers;
}

static int explain_write(struct courier *courier, int result)
{
    const char *session = courier->options->session;

    if (courier->recorder.events_failed)
        rrd_error_set(courier->error,
                      "%s: cannot be written: %s; make room there, or copy it to a disk (cp -a "
                      "--sparse=always) and deliver the copy",
                      session, strerror(-result));
    else
        rrd_error_set(courier->error,
                      "%s: cannot be written: %s; make room, then `lastword deliver %s` finishes "
                      "it",
                      journal_part(&courier->recorder.journal), strerror(-result), session);
    return result;
}

/* The memory of blocks that nobody uses now, for the events that say what happened. */
static void make_room(struct courier *courier)
{
    size_t n_blocks = ROOM_BLOCKS;

    for (size_t i = 0; i < courier->n_families && n_blocks > 0; i++)
        n_blocks -= spool_reader_release_memory(courier->families[i]->reader, n_blocks);
}

static int write_batch(struct courier *courier)
{
    int result = recorder_write(&courier->recorder);

    if (result == -ENOSPC && courier->recorder.events_failed) {
        make_room(courier);
        result = recorder_write(&courier->recorder);
    }

    courier->is_stalled = may_pass(result) && is_awaited(courier);
    if (courier->is_stalled)
        return 0;
    return result < 0 ? explain_write(courier, result) : 0;
}

/* From here to the end nothing can fail: the journal has room, the spools are mapped. */
static void commit_batch(struct courier *courier)
{
    static struct journal_entry entries[JOURNAL_MAX_ENTRIES];
    size_t n = 0;

    for (size_t i = 0; i < courier->n_families; i++) {
        const struct spool_reader *reader = courier->families[i]->reader;

        spool_reader_dirty(reader, &entries[n]);
        n += spool_reader_n_dirty(reader);
    }
    recorder_commit(&courier->recorder, entries, n);
    for (size_t i = 0; i < courier->n_families; i++)
        spool_reader_store(courier->families[i]->reader);
    recorder_finish_commit(&courier->recorder);
    courier->shared.commits++;
    courier->pending_since_ns = 0;
    courier_tell_progress(courier, courier->recorder.outbox.size);
}

bool courier_has_pending(const struct courier *courier)
{
    return courier->recorder.has_pending || count_dirty(courier) > 0;
}

int courier_commit(struct courier *courier)
{
    if (courier_has_pending(courier)) {
        int result = write_batch(courier);

        if (result < 0 || courier->is_stalled)
            return result;
        commit_batch(courier);
        if (event_log_reserve(&courier->recorder.events) == -ENOSPC)
            make_room(courier);
    }
    return tell_committed(courier);
}

static bool has_waiters(const struct courier *courier)
{
    for (size_t i = 0; i < courier->n_families; i++) {
        if (spool_reader_has_waiters(courier->families[i]->reader))
            return true;
    }
    return false;
}

static bool is_due(struct courier *courier, uint64_t now_ns)
{
    if (!courier_has_pending(courier))
        return true;
    if (courier->pending_since_ns == 0)
        courier->pending_since_ns = now_ns;
    return courier->must_finish || courier->was_rung || courier->finishes_alone ||
           now_ns - courier->pending_since_ns >= BATCH_NS || has_waiters(courier);
}

/* --- Passes ------------------------------------------------------------------------------------
 */

/*
 * Reads one family to where its writers are, committing whenever memory or journal are full.
 * *n_dirty: of all families; counted anew only after a commit, as there can be many.
 */
static int read_family(struct courier *courier, struct served_family *family, uint64_t now_ns,
                       size_t *n_dirty)
{
    size_t n_read = 0;

    for (;;) {
        size_t others = *n_dirty - spool_reader_n_dirty(family->reader);
        int result = served_family_pass(family, now_ns, JOURNAL_MAX_ENTRIES - others);

        *n_dirty = others + spool_reader_n_dirty(family->reader);
        if (result >= 0)
            return (int)(n_read + (size_t)result > 0);
        if (result != -EAGAIN)
            return result;
        n_read = 1;
        result = courier_commit(courier);
        if (result < 0 || courier->is_stalled)
            return result;
        *n_dirty = count_dirty(courier);
    }
}

/* Returns 1 when there was anything to read, 0, or a negative errno. */
static int read_families(struct courier *courier, uint64_t now_ns)
{
    size_t n_dirty = count_dirty(courier);
    int was_read = 0;

    for (size_t i = 0; i < courier->n_families && !courier->is_stalled; i++) {
        int result = read_family(courier, courier->families[i], now_ns, &n_dirty);

        if (result < 0)
            return result;
        was_read |= result;
    }
    return was_read;
}

static void check_now_and_then(struct courier *courier, uint64_t now_ns)
{
    if (now_ns < courier->next_check_ns)
        return;
    courier->next_check_ns = now_ns + CHECK_NS;
    courier_check_use(courier);
    for (size_t i = 0; i < courier->n_families; i++)
        spool_reader_check_threads(courier->families[i]->reader);
}

/* One round: read everything once, commit if it is time. Returns as read_families. */
int courier_go_round(struct courier *courier)
{
    uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
    int was_read;
    int result;

    courier->shared.rounds++;
    courier->shared.skips_sinks = courier->must_finish;
    check_now_and_then(courier, now_ns);
    if (courier->is_stalled) {
        result = courier_commit(courier);
        if (result < 0 || courier->is_stalled)
            return result;
    }
    was_read = read_families(courier, now_ns);
    if (was_read < 0)
        return was_read;
    result = is_due(courier, now_ns) ? courier_commit(courier) : 0;
    if (result < 0)
        return result;
    courier->was_rung = false;
    remove_finished(courier);
    return was_read;
}
