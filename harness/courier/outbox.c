/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Making, finding, moving and placing the outbox. Owned by the courier that holds the session's
 * lock. Every step can be the last one before the process is killed: what comes first is what the
 * next courier can recognise.
 *
 * An output that is compressed is another file than the outbox, made of it when that is whole; the
 * journal tells the two apart, so the outbox goes only once the output stands.
 */
#include "harness/courier/outbox.h"

#include "harness/courier/file_copy.h"
#include "harness/courier/packed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The names of one outbox. */
struct names {
    char part[PATH_MAX];
    char unnamed[PATH_MAX]; /* before the journal knows it; and a compressed output until it is
                               whole */
};

static int make_names(struct names *names, const char *output, const char *id)
{
    int size = snprintf(names->unnamed, sizeof(names->unnamed), "%s.part.%s", output, id);

    if (size < 0 || (size_t)size >= sizeof(names->unnamed))
        return -ENAMETOOLONG;
    snprintf(names->part, sizeof(names->part), "%.*s", (int)(strlen(output) + 5), names->unnamed);
    return 0;
}

/* Opens what stands at `path` if it is the file that the journal knows. */
static int open_known(const char *path, const struct journal_file_id *id, int flags,
                      struct stat *ret_status)
{
    int file = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (file < 0)
        return -errno;
    if (fstat(file, ret_status) < 0 || ret_status->st_dev != id->device ||
        ret_status->st_ino != id->inode) {
        close(file);
        return -ENOENT;
    }
    return file;
}

static int rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL)
        return -errno;
    /* A file system without RENAME_NOREPLACE. */
    if (link(from, to) < 0)
        return -errno;
    (void)!unlink(from);
    return 0;
}

static int explain_taken(const char *path, struct rrd_error *error)
{
    rrd_error_set(error,
                  "%s exists and belongs to another session or program; `lastword sessions` tells "
                  "how to finish a session; else remove the file or choose another -o",
                  path);
    return -EEXIST;
}

/* Gives the outbox its proper name. */
static int name_outbox(const struct names *names, struct rrd_error *error)
{
    int result = rename_new(names->unnamed, names->part);

    if (result == -EEXIST)
        return explain_taken(names->part, error);
    if (result < 0)
        rrd_error_set(error, "%s: cannot be made: %s", names->part, strerror(-result));
    return result;
}

static int make_unnamed(const struct names *names, struct rrd_error *error)
{
    int file = open(names->unnamed,
                    O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    int result = -errno;

    if (file >= 0)
        return file;
    rrd_error_set(error, "%s: cannot be made: %s; choose another place with -o", names->unnamed,
                  strerror(-result));
    return result;
}

static int explain_journal(int result, struct rrd_error *error)
{
    if (result == -EPROTONOSUPPORT)
        rrd_error_set(error, "the session belongs to another version of lastword; deliver it with "
                             "the version that wrote it");
    else if (result == -EBADMSG)
        rrd_error_set(error, "the session's journal is damaged; the rows are in the spools and in "
                             "the .part file; remove the journal to deliver the spools again");
    else
        rrd_error_set(error, "the session's journal cannot be used: %s", strerror(-result));
    return result;
}

/* A session that has no outbox yet. */
static int make_outbox(struct outbox *outbox, struct journal *journal, const struct names *names,
                       struct rrd_error *error)
{
    struct stat status;
    int file = make_unnamed(names, error);
    int result;

    if (file < 0)
        return file;
    result = fstat(file, &status) < 0 ? -errno : 0;
    if (result == 0) {
        journal_set_file(journal, &status);
        result = name_outbox(names, error);
    }
    if (result < 0) {
        (void)!unlink(names->unnamed);
        close(file);
        return result;
    }
    *outbox = (struct outbox){.file = file};
    return 0;
}

static int start(struct outbox *outbox, struct journal *journal, int session, const char *output,
                 const char *id, struct rrd_error *error)
{
    struct names names;
    struct journal_target target = {output, names.part};
    int result = make_names(&names, output, id);

    if (result == 0)
        result = journal_create(journal, session, &target);
    if (result < 0)
        return explain_journal(result, error);
    result = make_outbox(outbox, journal, &names, error);
    if (result < 0) {
        journal_close(journal);
        journal_remove(session);
    }
    return result;
}

static bool is_changed(const struct journal *journal, const struct stat *status)
{
    struct journal_file_id id = journal_placed_id(journal);
    struct journal_file_id now = journal_identify(status);

    return id.size != now.size || id.mtime_ns != now.mtime_ns;
}

static int find_placed(const struct journal *journal, struct stat *ret_status)
{
    struct journal_file_id id = journal_placed_id(journal);
    int file = open_known(journal_output(journal), &id, O_RDONLY, ret_status);

    if (file >= 0 && is_changed(journal, ret_status)) {
        close(file);
        return -ENOENT;
    }
    return file;
}

/* Finds the file that holds the committed rows: the outbox by either name, or the output. */
static int find_rows(const struct journal *journal, const struct names *names,
                     struct stat *ret_status, bool *ret_is_placed)
{
    struct journal_file_id id = journal_file_id(journal);
    int file;

    *ret_is_placed = journal_phase(journal) == JOURNAL_PLACED;
    if (*ret_is_placed)
        return find_placed(journal, ret_status);
    file = open_known(journal_part(journal), &id, O_RDWR, ret_status);
    if (file == -ENOENT)
        file = open_known(names->unnamed, &id, O_RDWR, ret_status);
    if (file == -ENOENT) {
        file = open_known(journal_output(journal), &id, O_RDONLY, ret_status);
        *ret_is_placed = file >= 0;
    }
    return file;
}

static void unlink_file(const char *path, int file)
{
    struct stat named;
    struct stat open_one;

    if (lstat(path, &named) == 0 && fstat(file, &open_one) == 0 &&
        named.st_dev == open_one.st_dev && named.st_ino == open_one.st_ino)
        (void)!unlink(path);
}

/*
 * The outbox of which a compressed output was made is of no use once that is in its place. What it
 * was is forgotten: its inode may become somebody else's.
 */
static void drop_spent(struct journal *journal)
{
    struct journal_file_id id = journal_file_id(journal);
    struct stat status;
    int file = open_known(journal_part(journal), &id, O_RDONLY, &status);

    if (file >= 0) {
        (void)!unlink(journal_part(journal));
        close(file);
    }
    journal_forget_file(journal);
}

/* Fills the new outbox and makes the journal point to it. */
static int switch_outbox(struct journal *journal, int old, uint64_t size, int file,
                         const struct journal_target *target, struct rrd_error *error)
{
    struct stat status;
    int result = old < 0 ? 0 : file_copy(old, file, size);

    if (result == 0 && fstat(file, &status) < 0)
        result = -errno;
    if (result < 0) {
        rrd_error_set(error, "%s: the rows so far cannot be copied there: %s", target->part,
                      strerror(-result));
        return result;
    }
    result = journal_reopen(journal, target, &status, size);
    return result < 0 ? explain_journal(result, error) : 0;
}

/*
 * The rows go on in a new file: the old one (-1: none) is whole already, or stands where it should
 * not. `spent` is the name of the old one if it is to go.
 */
static int move_rows(struct outbox *outbox, struct journal *journal, int old, const char *spent,
                     const struct names *names, const char *output, struct rrd_error *error)
{
    struct journal_target target = {output, names->part};
    uint64_t size = old < 0 ? 0 : journal_outbox_size(journal);
    int result = access(names->part, F_OK) == 0 ? explain_taken(names->part, error) : 0;
    int file = result < 0 ? result : make_unnamed(names, error);

    if (file < 0)
        return file;
    result = switch_outbox(journal, old, size, file, &target, error);
    if (result < 0) {
        (void)!unlink(names->unnamed);
        close(file);
        return result;
    }
    if (spent != NULL)
        unlink_file(spent, old);
    *outbox = (struct outbox){.file = file, .size = size};
    result = name_outbox(names, error);
    if (result < 0)
        outbox_close(outbox);
    return result;
}

/* The outbox stands where it should: its name may still be missing, its end may be uncommitted. */
static int keep_rows(struct outbox *outbox, const struct journal *journal, int file,
                     const struct stat *status, const struct names *names, struct rrd_error *error)
{
    struct journal_file_id id = journal_file_id(journal);
    struct stat named;
    int other = open_known(journal_part(journal), &id, O_RDONLY, &named);
    int result = 0;

    if (other >= 0)
        close(other);
    else
        result = name_outbox(names, error);
    *outbox = (struct outbox){.file = file, .size = journal_outbox_size(journal)};
    if (result == 0 && (uint64_t)status->st_size < outbox->size) {
        rrd_error_set(error,
                      "%s is shorter than what was written to it; put the whole file back, or "
                      "remove it and the session's journal to deliver only what is left",
                      journal_part(journal));
        result = -EBADMSG;
    }
    if (result == 0)
        result = outbox_cut(outbox);
    if (result < 0)
        outbox_close(outbox);
    return result;
}

/* The file that held the rows is not there any more, or it is another one. */
static int miss_rows(struct outbox *outbox, struct journal *journal, const struct names *names,
                     const char *output, struct rrd_error *error)
{
    bool was_placed = journal_phase(journal) == JOURNAL_PLACED;

    if (!was_placed && journal_outbox_size(journal) == 0)
        return move_rows(outbox, journal, -1, NULL, names, output, error);
    if (!was_placed) {
        rrd_error_set(error,
                      "%s has vanished, with rows that are nowhere else; put it back, or remove "
                      "the session's journal to deliver only what is left",
                      journal_part(journal));
        return -ENOENT;
    }
    if (strcmp(output, journal_output(journal)) == 0 && access(output, F_OK) == 0) {
        rrd_error_set(error,
                      "%s is not this session's recording any more; choose another name with -o "
                      "for the rows that came later",
                      output);
        return -EEXIST;
    }
    return move_rows(outbox, journal, -1, NULL, names, output, error);
}

static int go_on(struct outbox *outbox, struct journal *journal, const struct names *names,
                 const char *output, bool has_more, struct rrd_error *error)
{
    bool is_same = strcmp(output, journal_output(journal)) == 0;
    char part[PATH_MAX];
    struct stat status;
    bool is_placed;
    int file = find_rows(journal, names, &status, &is_placed);
    int result;

    if (file < 0)
        return miss_rows(outbox, journal, names, output, error);
    if (is_placed) {
        journal_set_placed(journal, &status);
        drop_spent(journal);
    }
    if (is_placed && !has_more) {
        close(file);
        *outbox = (struct outbox){.file = -1, .size = journal_outbox_size(journal)};
        return 0;
    }
    if (!is_placed && is_same)
        return keep_rows(outbox, journal, file, &status, names, error);
    strcpy(part, journal_part(journal));
    result = move_rows(outbox, journal, file, is_placed ? NULL : part, names, output, error);
    close(file);
    return result;
}

/*
 * What a courier left that died while it compressed. The name is this session's alone, but it may
 * be the outbox that has it: -ENOENT says that it is not.
 */
static void drop_temporary(const struct journal *journal, const char *id)
{
    struct journal_file_id known = journal_file_id(journal);
    struct names names;
    struct stat status;
    int file;

    if (!packed_file_is_meant(journal_output(journal)) ||
        make_names(&names, journal_output(journal), id) < 0)
        return;
    file = open_known(names.unnamed, &known, O_RDONLY, &status);
    if (file == -ENOENT)
        (void)!unlink(names.unnamed);
    else if (file >= 0)
        close(file);
}

static int open_with_journal(struct outbox *outbox, struct journal *journal, const char *id,
                             const char *output, bool has_more, struct rrd_error *error)
{
    char path[PATH_MAX]; /* the journal's own page may be replaced on the way */
    struct names names;
    int result;

    if (output == NULL)
        output = journal_output(journal);
    result = make_names(&names, output, id);
    if (result < 0) {
        rrd_error_set(error, "%s: the name is too long", output);
        return result;
    }
    strcpy(path, output);
    drop_temporary(journal, id);
    result = go_on(outbox, journal, &names, path, has_more, error);
    if (result < 0)
        journal_close(journal);
    return result;
}

int outbox_open(struct outbox *outbox, struct journal *journal, int session, const char *id,
                const char *output, bool has_more, struct rrd_error *error)
{
    int result = journal_open(journal, session);

    *outbox = (struct outbox){.file = -1};
    if (result < 0 && result != -ENOENT)
        return explain_journal(result, error);
    if (result == 0 && journal_phase(journal) == JOURNAL_CLEANING) {
        if (!has_more)
            return 0;
        journal_close(journal);
        result = -ENOENT;
    }
    if (result == 0)
        return open_with_journal(outbox, journal, id, output, has_more, error);
    if (output == NULL) {
        rrd_error_set(error, "this session has no recording yet; name one with -o");
        return -EINVAL;
    }
    return start(outbox, journal, session, output, id, error);
}

void outbox_close(struct outbox *outbox)
{
    if (outbox->file >= 0)
        close(outbox->file);
    outbox->file = -1;
}

int outbox_write(const struct outbox *outbox, const void *bytes, size_t size)
{
    return file_write_at(outbox->file, bytes, size, outbox->size);
}

int outbox_cut(const struct outbox *outbox)
{
    return ftruncate(outbox->file, (off_t)outbox->size) < 0 ? -errno : 0;
}

static int place_plain(const struct outbox *outbox, struct journal *journal)
{
    struct stat status;

    if (fsync(outbox->file) < 0 || rename(journal_part(journal), journal_output(journal)) < 0 ||
        fstat(outbox->file, &status) < 0)
        return -errno;
    journal_set_placed(journal, &status);
    return 0;
}

/* Until the journal says PLACED the outbox is what counts, and this is done again. */
static int place_packed(const struct outbox *outbox, struct journal *journal, const char *id,
                        const struct zstd_progress *progress)
{
    struct stat status;
    struct names names;
    int result = make_names(&names, journal_output(journal), id);

    if (result == 0)
        result = packed_file_make(outbox->file, names.unnamed, journal_output(journal), progress,
                                  &status);
    if (result < 0)
        return result;
    journal_set_placed(journal, &status);
    drop_spent(journal);
    return 0;
}

int outbox_place(struct outbox *outbox, struct journal *journal, const char *id,
                 const struct zstd_progress *progress)
{
    int result = packed_file_is_meant(journal_output(journal))
                     ? place_packed(outbox, journal, id, progress)
                     : place_plain(outbox, journal);

    if (result == 0)
        outbox_close(outbox);
    return result;
}
