/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* See spool_records.h. */
#include "tests/support/spool_records.h"

#include "sdk/spool/session.h"
#include "sdk/spool/spool_format.h"

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CANNOT_READ 99

struct chained {
    const struct spool_block *block;
    uint64_t chain;
};

static int by_chain(const void *left, const void *right)
{
    const struct chained *a = left;
    const struct chained *b = right;

    return a->chain < b->chain ? -1 : a->chain > b->chain;
}

static void add(struct spool_test_records *records, const struct spool_header *header,
                const struct spool_block *block, const struct spool_record *record, uint32_t size)
{
    const struct spool_slot *slot = spool_slot_at(header, block->slot);
    struct spool_test_record *one;
    void *payload = malloc(size + 1);

    if ((records->n & (records->n - 1)) == 0) /* 0 and the powers of two */
        records->at = reallocarray(records->at, records->n ? 2 * records->n : 1, sizeof(*one));
    if (!records->at || !payload)
        errx(CANNOT_READ, "out of memory");
    memcpy(payload, record + 1, size);
    one = &records->at[records->n++];
    *one = (struct spool_test_record){
        .family = header->family,
        .serial = block->serial,
        .tid = block->tid,
        .kind = record->kind,
        .time_ns = record->time_ns,
        .size = size,
        .payload = payload,
    };
    if (block->serial != 0) {
        one->pid = slot->pid;
        one->parent_pid = slot->parent_pid;
        one->parent_serial = slot->parent_serial;
    }
}

static void read_block(struct spool_test_records *records, const struct spool_header *header,
                       const struct spool_block *block)
{
    uint32_t at = sizeof(*block);

    while (at < SPOOL_BLOCK_SIZE) {
        const struct spool_record *record = (const void *)((const uint8_t *)block + at);
        uint32_t word = atomic_load_explicit(&record->word, memory_order_acquire);
        uint32_t size = SPOOL_RECORD_SIZE(word);

        if (word == 0)
            break;
        if (size % 8 || size == 0 || at + size > SPOOL_BLOCK_SIZE)
            errx(CANNOT_READ, "record of %u bytes at %u", size, at);
        if (!SPOOL_IS_COMMITTED(word))
            records->n_reserved++;
        else if (size >= sizeof(*record) && record->kind != 0)
            add(records, header, block, record, size - (uint32_t)sizeof(*record));
        at += size;
    }
    records->n_rows += block->n_rows;
}

static void read_spool(struct spool_test_records *records, const struct spool_header *header)
{
    uint32_t n_used = header->n_blocks_used;
    struct chained *chained;
    size_t n = 0;

    if (header->magic != SPOOL_MAGIC || header->version != SPOOL_VERSION)
        errx(CANNOT_READ, "no spool");
    n_used = n_used < header->n_blocks ? n_used : header->n_blocks;
    chained = calloc(n_used + 1, sizeof(*chained));
    if (!chained)
        errx(CANNOT_READ, "out of memory");
    for (uint32_t i = 0; i < n_used; i++) {
        const struct spool_block *block = spool_block_at(header, i);
        uint32_t state = *spool_state_at(header, i);

        if (SPOOL_STATE(state) != SPOOL_OWNED && SPOOL_STATE(state) != SPOOL_DEFINITIONS)
            continue;
        if (block->chain)
            chained[n++] = (struct chained){block, block->chain};
    }
    qsort(chained, n, sizeof(*chained), by_chain);
    for (size_t i = 0; i < n; i++)
        read_block(records, header, chained[i].block);
    free(chained);
}

static int is_spool(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    size_t suffix = strlen(SESSION_SPOOL_SUFFIX);

    return entry->d_name[0] != '.' && size > suffix &&
           strcmp(entry->d_name + size - suffix, SESSION_SPOOL_SUFFIX) == 0;
}

struct spool_test_records spool_test_read(const char *session)
{
    struct spool_test_records records = {0};
    struct dirent **names = NULL;
    int n = scandir(session, &names, is_spool, alphasort);

    if (n < 0)
        err(CANNOT_READ, "%s", session);
    for (int i = 0; i < n; i++) {
        char path[SESSION_PATH_SIZE + 300];
        struct stat status;
        uint8_t *base;
        int file;

        snprintf(path, sizeof(path), "%s/%s", session, names[i]->d_name);
        file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0 || fstat(file, &status) < 0)
            err(CANNOT_READ, "%s", path);
        base = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, file, 0);
        if (base == MAP_FAILED)
            err(CANNOT_READ, "%s", path);
        read_spool(&records, (const void *)(base + spool_header_offset((uint64_t)status.st_size)));
        records.n_spools++;
        munmap(base, (size_t)status.st_size);
        close(file);
        free(names[i]);
    }
    free(names);
    return records;
}

void spool_test_records_free(struct spool_test_records *records)
{
    for (size_t i = 0; i < records->n; i++)
        free((void *)(uintptr_t)records->at[i].payload);
    free(records->at);
    *records = (struct spool_test_records){0};
}

void spool_test_session_make(char *path)
{
    if (session_create(path) < 0)
        errx(CANNOT_READ, "no session");
}

void spool_test_session_remove(const char *path)
{
    struct dirent **names = NULL;
    int n = scandir(path, &names, NULL, NULL);

    for (int i = 0; i < n; i++) {
        char file[SESSION_PATH_SIZE + 300];

        snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
        if (strcmp(names[i]->d_name, ".") != 0 && strcmp(names[i]->d_name, "..") != 0)
            unlink(file);
        free(names[i]);
    }
    free(names);
    rmdir(path);
}
