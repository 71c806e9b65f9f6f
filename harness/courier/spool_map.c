/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Opening and checking spool files. A file in the session directory can be anything: each number of
 * its header is checked against the size of the file before the rest is looked at.
 */
#include "harness/courier/spool_map.h"

#include "harness/courier/bus_guard.h"
#include "sdk/spool/session.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_spool_name(const char *name)
{
    size_t size = strlen(name);
    size_t suffix = sizeof(SESSION_SPOOL_SUFFIX) - 1;

    return size > suffix && size < SPOOL_NAME_SIZE && name[0] != '.' && !strchr(name, '/') &&
           strcmp(name + size - suffix, SESSION_SPOOL_SUFFIX) == 0;
}

static int check_file(int file, uid_t owner, size_t *ret_size)
{
    struct stat status;

    if (fstat(file, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode) || status.st_uid != owner)
        return -EPERM;
    if (status.st_size < 0 || !spool_is_size((uint64_t)status.st_size))
        return -EBADMSG;
    *ret_size = (size_t)status.st_size;
    return 0;
}

static int open_file(struct spool_map *map, int session, uid_t owner)
{
    int result;

    /* O_NONBLOCK: a FIFO of that name must not stop us; for files it means nothing. */
    map->file = openat(session, map->name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (map->file < 0)
        return -errno;
    result = check_file(map->file, owner, &map->size);
    if (result < 0)
        close(map->file);
    return result;
}

struct header_copy {
    const struct spool_header *from;
    struct spool_header header;
};

static void copy_header(void *context)
{
    struct header_copy *copy = context;

    memcpy(&copy->header, copy->from, sizeof(copy->header));
}

/* Does everything lie inside the file? */
static bool is_sound(const struct spool_header *header, size_t size)
{
    return header->header_size == sizeof(*header) && header->block_size == SPOOL_BLOCK_SIZE &&
           header->file_size == size && header->family != 0 && header->n_blocks > 0 &&
           header->n_blocks <= spool_room_for_blocks(size) &&
           header->n_slots <= spool_room_for_slots(size);
}

static int check_header(struct spool_map *map)
{
    struct header_copy copy = {.from = spool_map_header(map)};

    if (!bus_guard_run(copy_header, &copy) || copy.header.magic != SPOOL_MAGIC)
        return -EBADMSG;
    if (copy.header.version != SPOOL_VERSION)
        return -EPROTONOSUPPORT;
    if (!is_sound(&copy.header, map->size))
        return -EBADMSG;
    map->family = copy.header.family;
    map->created_ns = copy.header.created_ns;
    map->creator_pid = copy.header.creator_pid;
    map->n_blocks = copy.header.n_blocks;
    map->n_slots = copy.header.n_slots;
    return 0;
}

/* Maps the file at a multiple of a region, so that one entry of the page table can map one. */
static void *map_aligned(int file, size_t size)
{
    uint8_t *room = mmap(NULL, size + SPOOL_REGION_SIZE, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    uint8_t *base;
    size_t before;

    if (room == MAP_FAILED)
        return MAP_FAILED;
    before = -(uintptr_t)room & (SPOOL_REGION_SIZE - 1);
    base = mmap(room + before, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0);
    if (base == MAP_FAILED) {
        munmap(room, size + SPOOL_REGION_SIZE);
        return MAP_FAILED;
    }
    if (before > 0)
        munmap(room, before);
    munmap(base + size, SPOOL_REGION_SIZE - before);
    return base;
}

static int map_file(struct spool_map *map)
{
    void *base = map_aligned(map->file, map->size);
    int result;

    if (base == MAP_FAILED)
        return -errno;
    map->base = base;
    /* Blocks lie here and there: reading ahead would give memory to blocks that have none. */
    (void)!madvise(base, map->size, MADV_RANDOM);
    result = check_header(map);
    if (result < 0)
        munmap(base, map->size);
    return result;
}

static void explain(const char *name, int result, struct rrd_error *error)
{
    if (result == -EINVAL)
        rrd_error_set(error, "%s: not the name of a spool", name);
    else if (result == -EPERM)
        rrd_error_set(error, "%s: not a file of the session's owner; left alone", name);
    else if (result == -EPROTONOSUPPORT)
        rrd_error_set(error,
                      "%s: written by another version of lastword; deliver the session with the "
                      "version that wrote it",
                      name);
    else if (result == -EBADMSG)
        rrd_error_set(error, "%s: damaged, or not a spool; left alone", name);
    else
        rrd_error_set(error, "%s: cannot be opened: %s", name, strerror(-result));
}

int spool_map_open(struct spool_map *map, int session, const char *name, uid_t owner,
                   struct rrd_error *error)
{
    int result = -EINVAL;

    *map = (struct spool_map){.file = -1};
    if (is_spool_name(name)) {
        strcpy(map->name, name);
        result = open_file(map, session, owner);
        if (result == 0) {
            result = map_file(map);
            if (result < 0)
                close(map->file);
        }
    }
    if (result < 0)
        explain(name, result, error);
    return result;
}

void spool_map_close(struct spool_map *map)
{
    munmap(map->base, map->size);
    close(map->file);
    *map = (struct spool_map){.file = -1};
}

bool spool_map_is_unused(const struct spool_map *map)
{
    if (flock(map->file, LOCK_EX | LOCK_NB) < 0)
        return false;
    flock(map->file, LOCK_UN);
    return true;
}

bool spool_map_is_whole(const struct spool_map *map)
{
    struct stat status;

    return fstat(map->file, &status) == 0 && status.st_size >= (off_t)map->size;
}
