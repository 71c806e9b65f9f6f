/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The open chunks of the courier and their series. A row is looked up by the bytes that tell what
 * it looks like (record_row_view.key), so that nothing is taken apart twice.
 */
#include "harness/courier/chunk_table.h"

#include "harness/courier/clock_ns.h"
#include "harness/courier/row_series.h"
#include "harness/wire/rrd_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define N_BUCKETS    4096u
#define MAX_SERIES   4096u
#define MAX_RETAINED ((size_t)64 << 20) /* bytes that series without rows may hold */

/* A series in the table. */
struct entry {
    struct row_series series;
    struct entry *next; /* in its bucket */
    struct entry *newer, *older;
    struct entry *next_filled; /* in the order in which their chunks were begun */
    bool is_filled;
    uint64_t hash;
    const struct process *process;
    size_t retained; /* bytes, roughly */
    size_t key_size;
    uint8_t key[];
};

struct chunk_table {
    struct entry *buckets[N_BUCKETS];
    struct entry *newest, *oldest;
    struct entry *first_filled, **last_filled;
    size_t n_entries;
    size_t size;
    size_t retained;
    struct tuid_generator chunk_ids;
    struct chunk_workspace workspace;
};

int chunk_table_create(struct chunk_table **ret_table)
{
    struct chunk_table *table = calloc(1, sizeof(*table));
    int result;

    if (table == NULL)
        return -ENOMEM;
    table->last_filled = &table->first_filled;
    chunk_workspace_init(&table->workspace);
    result = tuid_generator_init(&table->chunk_ids);
    if (result < 0)
        chunk_table_destroy(table);
    else
        *ret_table = table;
    return result;
}

static void free_entry(struct entry *entry)
{
    row_series_done(&entry->series);
    free(entry);
}

void chunk_table_destroy(struct chunk_table *table)
{
    struct entry *next;

    if (table == NULL)
        return;
    for (struct entry *entry = table->newest; entry != NULL; entry = next) {
        next = entry->older;
        free_entry(entry);
    }
    chunk_workspace_done(&table->workspace);
    free(table);
}

size_t chunk_table_size(const struct chunk_table *table)
{
    return table->size;
}

/* --- Entries -----------------------------------------------------------------------------------
 */

static struct entry **bucket_of(struct chunk_table *table, uint64_t hash)
{
    return &table->buckets[hash % N_BUCKETS];
}

static void unlink_age(struct chunk_table *table, struct entry *entry)
{
    *(entry->newer ? &entry->newer->older : &table->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &table->oldest) = entry->newer;
}

static void link_newest(struct chunk_table *table, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = table->newest;
    *(table->newest ? &table->newest->newer : &table->oldest) = entry;
    table->newest = entry;
}

static struct entry *find(struct chunk_table *table, uint64_t hash, const struct process *process,
                          const struct record_row_view *row)
{
    struct entry *entry = *bucket_of(table, hash);

    while (entry != NULL &&
           (entry->hash != hash || entry->process != process || entry->key_size != row->key_size ||
            memcmp(entry->key, row->key, row->key_size) != 0))
        entry = entry->next;
    return entry;
}

static int add(struct chunk_table *table, uint64_t hash, const struct chunk_source *source,
               const struct record_row_view *row, struct entry **ret_entry)
{
    struct entry *entry = calloc(1, sizeof(*entry) + row->key_size);
    int result;

    if (entry == NULL)
        return -ENOMEM;
    result = row_series_init(&entry->series, source, row);
    if (result < 0) {
        free(entry);
        return result;
    }
    entry->hash = hash;
    entry->process = source->process;
    entry->key_size = row->key_size;
    memcpy(entry->key, row->key, row->key_size);
    entry->next = *bucket_of(table, hash);
    *bucket_of(table, hash) = entry;
    link_newest(table, entry);
    table->n_entries++;
    *ret_entry = entry;
    return 0;
}

static void drop(struct chunk_table *table, struct entry *entry)
{
    struct entry **link = bucket_of(table, entry->hash);

    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    unlink_age(table, entry);
    table->retained -= entry->retained;
    table->n_entries--;
    free_entry(entry);
}

/* Only while no entry has rows. */
static void drop_oldest(struct chunk_table *table)
{
    while (table->oldest != NULL &&
           (table->n_entries > MAX_SERIES || table->retained > MAX_RETAINED))
        drop(table, table->oldest);
}

/* --- Chunks ------------------------------------------------------------------------------------
 */

static void retain(struct chunk_table *table, struct entry *entry)
{
    if (entry->series.size <= entry->retained)
        return;
    table->retained += entry->series.size - entry->retained;
    entry->retained = entry->series.size;
}

/* Appends the entry's rows as one chunk. Rows that no chunk can hold are counted as damaged. */
static int close_chunk(struct chunk_table *table, struct entry *entry, struct buffer *out)
{
    struct row_series *series = &entry->series;
    size_t start;
    int result = rrd_begin_frame(out, RRD_ARROW_MSG, &start);

    if (result < 0)
        return result;
    result = row_series_encode(series, tuid_next(&table->chunk_ids, clock_ns(CLOCK_REALTIME)),
                               &table->workspace, out);
    if (result == 0) {
        rrd_end_frame(out, start);
    } else {
        buffer_truncate(out, start);
        if (result == -ENOMEM)
            return result;
        series->process->rows_stored -= series->n_rows;
        series->process->rows_damaged += series->n_rows;
    }
    retain(table, entry);
    table->size -= series->size;
    row_series_clear(series);
    return 0;
}

int chunk_table_flush(struct chunk_table *table, struct buffer *out)
{
    while (table->first_filled != NULL) {
        struct entry *entry = table->first_filled;

        if (entry->series.n_rows > 0) {
            int result = close_chunk(table, entry, out);

            if (result < 0)
                return result;
        }
        table->first_filled = entry->next_filled;
        entry->next_filled = NULL;
        entry->is_filled = false;
    }
    table->last_filled = &table->first_filled;
    drop_oldest(table);
    return 0;
}

static void mark_filled(struct chunk_table *table, struct entry *entry)
{
    if (entry->is_filled)
        return;
    entry->is_filled = true;
    *table->last_filled = entry;
    table->last_filled = &entry->next_filled;
}

static int append(struct chunk_table *table, struct entry *entry, const struct record_row_view *row,
                  uint64_t time_ns, struct tuid row_id, struct buffer *out)
{
    int result = row_series_append(&entry->series, row, time_ns, row_id);

    if (result != -E2BIG)
        return result;
    /* A column is as large as it can be: begin another chunk. */
    if (entry->series.n_rows > 0) {
        result = close_chunk(table, entry, out);
        if (result < 0)
            return result;
    }
    result = row_series_append(&entry->series, row, time_ns, row_id);
    return result == -E2BIG ? -EBADMSG : result;
}

int chunk_table_append(struct chunk_table *table, const struct chunk_source *source,
                       const struct record_row_view *row, size_t row_size, uint64_t time_ns,
                       struct tuid row_id, struct buffer *out)
{
    uint64_t hash = XXH3_64bits_withSeed(row->key, row->key_size, (uintptr_t)source->process);
    struct entry *entry = find(table, hash, source->process, row);
    int result = 0;

    if (entry == NULL)
        result = add(table, hash, source, row, &entry);
    if (result < 0)
        return result;
    if (table->newest != entry) {
        unlink_age(table, entry);
        link_newest(table, entry);
    }
    result = append(table, entry, row, time_ns, row_id, out);
    if (result < 0)
        return result;
    mark_filled(table, entry);
    entry->series.size += row_size;
    table->size += row_size;
    return entry->series.size < CHUNK_MAX_SIZE ? 0 : close_chunk(table, entry, out);
}
