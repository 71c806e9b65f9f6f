/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Looking at sessions for `sessions` and `deliver`. Holds the session's lock while it reads spools,
 * so that no courier begins meanwhile.
 */
#include "harness/courier/session_look.h"

#include "harness/courier/journal.h"
#include "harness/courier/session_files.h"
#include "harness/courier/side_file.h"
#include "harness/courier/spool_reader.h"
#include "sdk/spool/session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define SPENT_AGE_S 60 /* a session that was just made is empty, too */

struct look {
    int session;
    uid_t owner;
    struct session_state *state;
};

/* --- Rows in spools ----------------------------------------------------------------------------
 */

static int count_row(void *context, const struct spool_reader_record *record)
{
    struct session_state *state = context;

    if (record->kind == RECORD_ROW || (record->kind == RECORD_SIDE_FILE &&
                                       side_file_kind(record->payload, record->size) == RECORD_ROW))
        state->rows_waiting++;
    return 0;
}

static int ignore_found(void *context, struct writer *writer)
{
    (void)context;
    (void)writer;
    return 0;
}

static int ignore_damage(void *context, struct writer *writer, uint64_t n_rows, const char *what)
{
    (void)context;
    (void)writer;
    (void)n_rows;
    (void)what;
    return 0;
}

static int ignore_left(void *context, struct writer *writer, uint64_t n_counted, uint64_t n_found)
{
    (void)context;
    (void)writer;
    (void)n_counted;
    (void)n_found;
    return 0;
}

/* Reads the spool as a courier would, and forgets it without committing anything. */
static int count_rows(const struct spool_map *map, bool is_unused, struct session_state *state)
{
    const struct spool_reader_calls calls = {
        .context = state,
        .found = ignore_found,
        .record = count_row,
        .damaged = ignore_damage,
        .left = ignore_left,
    };
    struct spool_reader *reader;
    int result = spool_reader_create(map, &calls, &reader);

    if (result < 0)
        return result;
    result = spool_reader_pass(reader, 1, is_unused, SIZE_MAX);
    spool_reader_destroy(reader);
    return result == -ENOMEM ? result : 0;
}

static int look_at_spool(void *context, const char *name)
{
    const struct look *look = context;
    struct rrd_error error;
    struct spool_map map;
    bool is_unused;
    int result = spool_map_open(&map, look->session, name, look->owner, &error);

    if (result < 0) {
        look->state->n_unreadable++;
        return 0;
    }
    is_unused = spool_map_is_unused(&map);
    look->state->n_spools++;
    look->state->n_running += !is_unused;
    result = count_rows(&map, is_unused, look->state);
    spool_map_close(&map);
    return result;
}

/* --- Files --------------------------------------------------------------------------------------
 */

static void measure(const struct look *look)
{
    int copy = openat(look->session, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    struct stat status;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        if (fstatat(look->session, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(status.st_mode))
            look->state->bytes += (uint64_t)status.st_blocks * 512;
    }
    if (directory != NULL)
        closedir(directory);
    else if (copy >= 0)
        close(copy);
}

static void read_journal(const struct look *look)
{
    struct journal journal;

    if (journal_open(&journal, look->session) < 0)
        return;
    look->state->has_journal = true;
    look->state->is_cleaning = journal_phase(&journal) == JOURNAL_CLEANING;
    strcpy(look->state->output, journal_output(&journal));
    journal_close(&journal);
}

static int look(const struct look *look)
{
    struct stat status;
    int result = 0;

    if (fstat(look->session, &status) < 0)
        return -errno;
    look->state->changed_s = (uint64_t)status.st_mtime;
    measure(look);
    read_journal(look);
    look->state->is_served = flock(look->session, LOCK_EX | LOCK_NB) < 0;
    if (!look->state->is_served)
        result = session_visit_spools(look->session, look_at_spool,
                                      &(struct look){look->session, status.st_uid, look->state});
    return result;
}

int session_look(const char *path, struct session_state *ret_state)
{
    struct look here = {.session = session_open(path), .state = ret_state};
    int result;

    *ret_state = (struct session_state){0};
    if (here.session < 0)
        return here.session;
    result = look(&here);
    close(here.session); /* and the lock with it */
    return result;
}

bool session_is_spent(const struct session_state *state)
{
    return !state->is_served && state->n_running == 0 && state->rows_waiting == 0 &&
           state->n_unreadable == 0 && (!state->has_journal || state->is_cleaning) &&
           state->changed_s + SPENT_AGE_S < (uint64_t)time(NULL);
}
