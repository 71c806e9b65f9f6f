/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The journal's file and the steps of a commit. Only the courier that holds the session's lock may
 * use it. A mapping is enough for what it is for: stores that were made before the process was
 * killed are in the file, in the order in which they were made.
 */
#include "harness/courier/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define JOURNAL_MAGIC   0x4c4e524a5f574cull /* "LW_JRNL" */
#define JOURNAL_VERSION 2u
#define NEW_NAME        ".journal"

enum commit_state { IDLE = 0, COMMITTING = 1 };

struct journal_page {
    uint64_t magic;
    uint32_t version;
    _Atomic uint32_t phase;
    _Atomic uint32_t state;
    uint32_t n_entries;
    uint32_t hides_args;
    uint32_t reserved;
    uint64_t outbox_size;
    uint64_t events_size;
    uint64_t next_outbox_size;
    uint64_t next_events_size;
    struct journal_file_id file;
    struct journal_file_id placed;
    char output[PATH_MAX];
    char part[PATH_MAX];
    struct journal_entry entries[JOURNAL_MAX_ENTRIES];
};

static int map_page(struct journal *journal, int file)
{
    void *page = mmap(NULL, sizeof(*journal->page), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

    if (page == MAP_FAILED)
        return -errno;
    journal->page = page;
    return 0;
}

static int allocate(int file)
{
    int error = posix_fallocate(file, 0, sizeof(struct journal_page));

    return -error;
}

static int make_page(int session, struct journal *journal)
{
    int file;
    int result;

    (void)!unlinkat(session, NEW_NAME, 0);
    file = openat(session, NEW_NAME, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return -errno;
    result = allocate(file);
    if (result == 0)
        result = map_page(journal, file);
    close(file);
    if (result < 0)
        (void)!unlinkat(session, NEW_NAME, 0);
    return result;
}

static int publish(struct journal *journal)
{
    if (renameat(journal->session, NEW_NAME, journal->session, JOURNAL_NAME) == 0)
        return 0;
    return -errno;
}

static void fill_target(struct journal_page *page, const struct journal_target *target)
{
    strcpy(page->output, target->output);
    strcpy(page->part, target->part);
}

static bool fits(const struct journal_target *target)
{
    return strlen(target->output) < PATH_MAX && strlen(target->part) < PATH_MAX;
}

int journal_create(struct journal *journal, int session, const struct journal_target *target)
{
    int result;

    *journal = (struct journal){.session = session};
    if (!fits(target))
        return -ENAMETOOLONG;
    result = make_page(session, journal);
    if (result < 0)
        return result;
    journal->page->magic = JOURNAL_MAGIC;
    journal->page->version = JOURNAL_VERSION;
    journal->page->phase = JOURNAL_OPEN;
    fill_target(journal->page, target);
    result = publish(journal);
    if (result < 0)
        journal_close(journal);
    return result;
}

static bool is_sound(const struct journal_page *page)
{
    return page->phase >= JOURNAL_OPEN && page->phase <= JOURNAL_CLEANING &&
           page->state <= COMMITTING && page->n_entries <= JOURNAL_MAX_ENTRIES &&
           memchr(page->output, 0, PATH_MAX) && memchr(page->part, 0, PATH_MAX) &&
           page->output[0] == '/' && page->part[0] == '/';
}

static int check_page(const struct journal_page *page)
{
    if (page->magic != JOURNAL_MAGIC)
        return -EBADMSG;
    if (page->version != JOURNAL_VERSION)
        return -EPROTONOSUPPORT;
    return is_sound(page) ? 0 : -EBADMSG;
}

/* A journal of another size is one of another version, or none. */
static int judge_size(int file)
{
    struct {
        uint64_t magic;
        uint32_t version;
    } head = {0};

    if (pread(file, &head, sizeof(head), 0) < (ssize_t)sizeof(head) ||
        head.magic != JOURNAL_MAGIC || head.version == JOURNAL_VERSION)
        return -EBADMSG;
    return -EPROTONOSUPPORT;
}

static int open_page(struct journal *journal, int file)
{
    struct stat status;

    if (fstat(file, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return -EBADMSG;
    if (status.st_size != (off_t)sizeof(struct journal_page))
        return judge_size(file);
    return map_page(journal, file);
}

int journal_open(struct journal *journal, int session)
{
    int file = openat(session, JOURNAL_NAME, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    int result;

    *journal = (struct journal){.session = session};
    if (file < 0)
        return -errno;
    result = open_page(journal, file);
    close(file);
    if (result == 0) {
        result = check_page(journal->page);
        if (result < 0)
            journal_close(journal);
    }
    return result;
}

void journal_close(struct journal *journal)
{
    if (journal->page != NULL)
        munmap(journal->page, sizeof(*journal->page));
    journal->page = NULL;
}

void journal_remove(int session)
{
    (void)!unlinkat(session, NEW_NAME, 0);
    (void)!unlinkat(session, JOURNAL_NAME, 0);
}

const char *journal_output(const struct journal *journal)
{
    return journal->page->output;
}

const char *journal_part(const struct journal *journal)
{
    return journal->page->part;
}

enum journal_phase journal_phase(const struct journal *journal)
{
    return (enum journal_phase)journal->page->phase;
}

struct journal_file_id journal_file_id(const struct journal *journal)
{
    return journal->page->file;
}

struct journal_file_id journal_placed_id(const struct journal *journal)
{
    return journal->page->placed;
}

uint64_t journal_outbox_size(const struct journal *journal)
{
    return journal->page->outbox_size;
}

uint64_t journal_events_size(const struct journal *journal)
{
    return journal->page->events_size;
}

void journal_hide_args(struct journal *journal)
{
    journal->page->hides_args = 1;
}

bool journal_hides_args(const struct journal *journal)
{
    return journal->page->hides_args != 0;
}

/* Makes a copy of the journal, with another target, that nobody sees yet. */
static int copy_page(const struct journal *journal, const struct journal_target *target,
                     struct journal *ret_copy)
{
    int result;

    *ret_copy = (struct journal){.session = journal->session};
    if (!fits(target))
        return -ENAMETOOLONG;
    result = make_page(journal->session, ret_copy);
    if (result < 0)
        return result;
    memcpy(ret_copy->page, journal->page, sizeof(*ret_copy->page));
    fill_target(ret_copy->page, target);
    return 0;
}

static int replace_page(struct journal *journal, struct journal *other)
{
    int result = publish(other);

    if (result < 0) {
        journal_close(other);
        return result;
    }
    journal_close(journal);
    *journal = *other;
    return 0;
}

struct journal_file_id journal_identify(const struct stat *status)
{
    return (struct journal_file_id){
        .device = status->st_dev,
        .inode = status->st_ino,
        .size = (uint64_t)status->st_size,
        .mtime_ns =
            (uint64_t)status->st_mtim.tv_sec * 1000000000u + (uint64_t)status->st_mtim.tv_nsec,
    };
}

void journal_set_file(struct journal *journal, const struct stat *status)
{
    journal->page->file = journal_identify(status);
    atomic_signal_fence(memory_order_seq_cst);
}

void journal_forget_file(struct journal *journal)
{
    journal->page->file = (struct journal_file_id){0};
}

void journal_set_placed(struct journal *journal, const struct stat *status)
{
    journal->page->placed = journal_identify(status);
    atomic_store_explicit(&journal->page->phase, JOURNAL_PLACED, memory_order_release);
}

void journal_set_cleaning(struct journal *journal)
{
    atomic_store_explicit(&journal->page->phase, JOURNAL_CLEANING, memory_order_release);
}

int journal_reopen(struct journal *journal, const struct journal_target *target,
                   const struct stat *status, uint64_t outbox_size)
{
    struct journal other;
    int result = copy_page(journal, target, &other);

    if (result < 0)
        return result;
    journal_set_file(&other, status);
    other.page->outbox_size = outbox_size;
    other.page->phase = JOURNAL_OPEN;
    return replace_page(journal, &other);
}

void journal_prepare(struct journal *journal, const struct journal_entry *entries, size_t n_entries,
                     uint64_t outbox_size, uint64_t events_size)
{
    struct journal_page *page = journal->page;

    if (n_entries > 0) /* memcpy takes no NULL, not even for nothing */
        memcpy(page->entries, entries, n_entries * sizeof(*entries));
    page->n_entries = (uint32_t)n_entries;
    page->next_outbox_size = outbox_size;
    page->next_events_size = events_size;
}

void journal_commit(struct journal *journal)
{
    atomic_store_explicit(&journal->page->state, COMMITTING, memory_order_release);
}

void journal_finish(struct journal *journal)
{
    struct journal_page *page = journal->page;

    /* The caller's stores of read positions come before these. */
    atomic_thread_fence(memory_order_seq_cst);
    page->outbox_size = page->next_outbox_size;
    page->events_size = page->next_events_size;
    atomic_store_explicit(&page->state, IDLE, memory_order_release);
}

bool journal_unfinished(const struct journal *journal, const struct journal_entry **ret_entries,
                        size_t *ret_n_entries)
{
    if (atomic_load_explicit(&journal->page->state, memory_order_acquire) != COMMITTING)
        return false;
    *ret_entries = journal->page->entries;
    *ret_n_entries = journal->page->n_entries;
    return true;
}
