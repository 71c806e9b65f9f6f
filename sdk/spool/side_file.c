/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Records too large for the spool: the payload goes to a file of the session, and a small record
 * names it.
 *
 * The file gets all of its disk space before it is mapped, so that copying into it cannot fail.
 */
#include "sdk/spool/spool_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define NAME_SIZE 64

/* "FAMILY-SERIAL-MESSAGE.side", all hexadecimal. */
static void name_side_file(char name[NAME_SIZE], uint32_t message)
{
    const uint64_t parts[] = {spool_state.header->family, spool_state.wiped->serial, message};
    char *at = name;

    for (size_t i = 0; i < 3; i++) {
        for (int shift = 60; shift >= 0; shift -= 4)
            *at++ = "0123456789abcdef"[parts[i] >> shift & 15];
        *at++ = '-';
    }
    strcpy(at - 1, SESSION_SIDE_SUFFIX);
}

/* Room for the whole payload, checked against the limit that would otherwise end the program by
 * SIGXFSZ. */
static int allocate(int file, uint64_t size)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < size)
        return -EMSGSIZE;
    return fallocate(file, 0, 0, (off_t)size) == 0 ? 0 : -errno;
}

static int map_new_file(int directory, const char *name, uint64_t size, void **ret_base)
{
    int file = openat(directory, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int result;

    if (file < 0)
        return -errno;
    result = allocate(file, size);
    if (result == 0) {
        *ret_base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (*ret_base == MAP_FAILED)
            result = -errno;
    }
    close(file);
    if (result < 0)
        unlinkat(directory, name, 0);
    return result;
}

int side_file_begin(struct spool_cursor *cursor)
{
    char name[NAME_SIZE];
    void *base = NULL;
    int directory = session_open(spool_state.session);
    int result;

    if (directory < 0)
        return directory;
    cursor->message = atomic_fetch_add(&spool_state.wiped->next_message, 1);
    name_side_file(name, cursor->message);
    result = map_new_file(directory, name, cursor->total, &base);
    close(directory);
    if (result < 0)
        return result;
    cursor->side = base;
    cursor->at = base;
    cursor->end = cursor->at + cursor->total;
    return 0;
}

static int append_name(struct spool_cursor *side)
{
    struct record_side_file head = {.size = side->total, .kind = side->kind};
    struct spool_cursor cursor;
    char name[NAME_SIZE] = {0};
    int result;

    name_side_file(name, side->message);
    head.name_size = (uint32_t)strlen(name);
    result = lastword_spool_v1.begin(&cursor, RECORD_SIDE_FILE, side->time_ns,
                                     sizeof(head) + sizeof(name));
    if (result < 0)
        return result;
    spool_put(&cursor, &head, sizeof(head));
    spool_put(&cursor, name, sizeof(name));
    return lastword_spool_v1.end(&cursor);
}

int side_file_end(struct spool_cursor *cursor)
{
    int result = cursor->error;
    int directory;
    char name[NAME_SIZE];

    if (result == 0 && cursor->at != cursor->end)
        result = -EMSGSIZE;
    munmap(cursor->side, cursor->total);
    if (result == 0)
        result = append_name(cursor);
    if (result == 0)
        return 0;
    name_side_file(name, cursor->message);
    directory = session_open(spool_state.session);
    if (directory >= 0) {
        unlinkat(directory, name, 0);
        close(directory);
    }
    return result;
}
