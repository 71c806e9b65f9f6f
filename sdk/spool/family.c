/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Making the family's spool file and mapping it.
 *
 * The file is born under a hidden name, locked (the mapping keeps the lock until the last process
 * of the family is gone: that is how the courier learns of its end), filled in, and then renamed,
 * so nobody ever sees half a spool. No descriptor is kept. Async-signal-safe but for reading the
 * environment. Where libc's own function lies far from all that a program has used by then, the
 * system call is made directly: raw_syscall.h says why.
 */
#include "sdk/spool/raw_syscall.h"
#include "sdk/spool/spool_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

#define PAGE                SPOOL_PAGE
#define ALIGN(value, unit)  (((value) + (unit)-1) / (unit) * (unit))
#define PREALLOCATED_SIZE   (16u << 20)
#define ADDRESS_SPACE_SHARE 64 /* of RLIMIT_AS: the program needs its own */

int family_back(void *address, size_t size)
{
    uintptr_t start = (uintptr_t)address & ~(uintptr_t)(PAGE - 1);
    size_t length = ALIGN((uintptr_t)address + size - start, PAGE);
    long result = RAW_SYSCALL(SYS_madvise, start, length, MADV_POPULATE_WRITE);

    /* EINVAL: an older kernel, where the whole file was allocated at the start */
    return result == 0 || result == -EINVAL ? 0 : -ENOSPC;
}

bool family_collapse(void)
{
    struct spool_header *header = spool_state.header;

    return header->file_size >= SPOOL_REGION_SIZE &&
           madvise(header, SPOOL_REGION_SIZE, MADV_COLLAPSE) == 0;
}

int directory_back(uint32_t region)
{
    struct spool_header *header = spool_state.header;
    uint32_t backed = atomic_load_explicit(&header->n_backed, memory_order_relaxed);

    if (region <= backed)
        return 0;
    while (backed < region) {
        if (family_back(spool_region_at(header, ++backed) + PAGE, PAGE) < 0)
            return -ENOSPC;
    }
    /* Whoever stores a lower number later makes somebody back pages once more, no harm. */
    atomic_store_explicit(&header->n_backed, region, memory_order_relaxed);
    return 0;
}

/* The next smaller size that a spool can have. */
static uint64_t round_down(uint64_t size)
{
    if (size < SPOOL_MIN_SIZE)
        return SPOOL_MIN_SIZE;
    size = size < SPOOL_MAX_SIZE ? size : SPOOL_MAX_SIZE;
    return size - size % (size < SPOOL_REGION_SIZE ? PAGE : SPOOL_REGION_SIZE);
}

static uint64_t soft_limit(int resource)
{
    struct rlimit limit;

    return getrlimit(resource, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

/*
 * How large the file may be: a spool must not eat what the program itself may use. -EFBIG:
 * ftruncate would exceed the limit, and end the program by SIGXFSZ.
 */
static int choose_size(uint64_t *ret_size)
{
    uint64_t size = spool_state.requested_size ? spool_state.requested_size : SPOOL_MAX_SIZE;
    uint64_t file_limit = soft_limit(RLIMIT_FSIZE);
    uint64_t share = soft_limit(RLIMIT_AS) / ADDRESS_SPACE_SHARE;

    size = size < file_limit ? size : file_limit;
    *ret_size = round_down(size < share ? size : share);
    return *ret_size <= file_limit ? 0 : -EFBIG;
}

static uint64_t realtime_ns(void)
{
    struct timespec now = {0};

    RAW_SYSCALL(SYS_clock_gettime, CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t random_family(void)
{
    uint64_t family = 0;

    if (getrandom(&family, sizeof(family), GRND_NONBLOCK) != (ssize_t)sizeof(family) || !family)
        family = realtime_ns() ^ (uint64_t)getpid() << 48;
    return family;
}

static void fill_header(struct spool_header *header, uint64_t size, uint64_t family)
{
    header->version = SPOOL_VERSION;
    header->header_size = sizeof(*header);
    header->file_size = size;
    header->block_size = SPOOL_BLOCK_SIZE;
    header->n_blocks = spool_room_for_blocks(size);
    header->n_slots = spool_room_for_slots(size);
    header->family = family;
    header->created_ns = realtime_ns();
    header->creator_pid = (uint32_t)getpid();
    header->next_chain = 1;
    header->next_serial = 1;
    header->next_definition = RECORD_FIRST_COMPONENT_ID;
    header->n_blocks_used = 1; /* block 0 has got memory along with the header */
    spool_block_at(header, 0)->limit = BLOCK_FIRST_HALF;
    *spool_state_at(header, 0) = SPOOL_FREE;
    atomic_store_explicit(&header->magic, SPOOL_MAGIC, memory_order_release);
}

static void *map_at(uintptr_t hint, uint64_t size, int flags, int file)
{
    return mmap((void *)hint, size, PROT_READ | PROT_WRITE, MAP_SHARED | flags, file, 0);
}

/*
 * Maps the file where huge pages could lie, and right below the thread's own storage: at the start
 * of a program that is the lowest place in use.
 */
static void *map_aligned(int file, uint64_t size)
{
    uintptr_t top = (uintptr_t)&spool_thread & ~(uintptr_t)(SPOOL_REGION_SIZE - 1);
    void *base = map_at(top > size ? top - size : 0, size, 0, file);
    uintptr_t aligned = (uintptr_t)base & ~(uintptr_t)(SPOOL_REGION_SIZE - 1);
    void *better;

    if (base == MAP_FAILED || (uintptr_t)base == aligned || size < SPOOL_REGION_SIZE)
        return base;
    munmap(base, size);
    better = map_at(aligned, size, MAP_FIXED_NOREPLACE, file);
    return better != MAP_FAILED ? better : map_at(0, size, 0, file);
}

/* Gives the open file its size and maps it, smaller where the address space is scarce. */
static int map_file(int file, uint64_t *size, uint8_t **ret_base)
{
    for (;; *size = round_down(*size / 4)) {
        if (ftruncate(file, (off_t)*size) < 0)
            return -errno;
        *ret_base = map_aligned(file, *size);
        if (*ret_base != MAP_FAILED)
            return 0;
        if (errno != ENOMEM || *size == SPOOL_MIN_SIZE)
            return -errno;
    }
}

/* Puts memory behind what any use touches: the header, the first directory, half of block 0. */
static int back_first(uint8_t *base, uint64_t size)
{
    uint8_t *header = base + spool_header_offset(size);

    return madvise(header, SPOOL_FIRST_BLOCK + BLOCK_FIRST_HALF, MADV_POPULATE_WRITE) < 0 ? -errno
                                                                                          : 0;
}

/*
 * An older kernel cannot back pages later without the risk of SIGBUS: the disk space is taken now,
 * for a smaller file.
 */
static int preallocate(int file, uint64_t *size, uint8_t **base)
{
    int result = 0;

    if (*size > PREALLOCATED_SIZE) {
        munmap(*base, *size);
        *size = PREALLOCATED_SIZE;
        result = map_file(file, size, base);
    }
    if (result < 0 || fallocate(file, 0, 0, (off_t)*size) == 0 || errno == EOPNOTSUPP)
        return result;
    result = -errno;
    munmap(*base, *size);
    return result;
}

/* Maps the file with memory behind its first part. On failure nothing is mapped. */
static int map_backed(int file, uint64_t *size, uint8_t **ret_base)
{
    int result = map_file(file, size, ret_base);

    if (result < 0)
        return result;
    result = back_first(*ret_base, *size);
    if (result == -EINVAL)
        return preallocate(file, size, ret_base);
    if (result < 0)
        munmap(*ret_base, *size);
    return result == -EFAULT ? -ENOSPC : result; /* what madvise says where memory is missing */
}

static int make_spool(int file, uint64_t family, struct spool_header **ret_header)
{
    uint64_t size = 0;
    uint8_t *base = NULL;
    int result = flock(file, LOCK_SH | LOCK_NB) == 0 ? choose_size(&size) : -errno;

    if (result == 0)
        result = map_backed(file, &size, &base);
    if (result < 0)
        return result;
    madvise(base, size, MADV_DONTDUMP);
    madvise(base, size, MADV_RANDOM); /* for a session on disk: no reading ahead */
    *ret_header = (struct spool_header *)(void *)(base + spool_header_offset(size));
    fill_header(*ret_header, size, family);
    return 0;
}

/* "PID-FAMILY.spool"; the hidden name has a dot in front. */
static void name_spool(char name[64], uint64_t family)
{
    static const char digits[] = "0123456789abcdef";
    uint32_t pid = (uint32_t)getpid();
    char decimal[10];
    size_t n = 0;
    size_t at = 0;

    do
        decimal[n++] = digits[pid % 10];
    while (pid /= 10);
    name[at++] = '.';
    while (n)
        name[at++] = decimal[--n];
    name[at++] = '-';
    for (int shift = 60; shift >= 0; shift -= 4)
        name[at++] = digits[family >> shift & 15];
    memcpy(name + at, SESSION_SPOOL_SUFFIX, sizeof(SESSION_SPOOL_SUFFIX));
}

static void unmap(struct spool_header *header)
{
    munmap((uint8_t *)header - spool_header_offset(header->file_size), header->file_size);
}

static int make_in_session(int directory)
{
    uint64_t family = random_family();
    struct spool_header *header = NULL;
    char name[64];
    int file;
    int result;

    name_spool(name, family);
    file = openat(directory, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return -errno;
    result = make_spool(file, family, &header);
    if (result == 0) {
        result = (int)RAW_SYSCALL(SYS_renameat2, directory, name, directory, name + 1);
        if (result < 0)
            unmap(header);
    }
    if (result < 0)
        unlinkat(directory, name, 0);
    close(file);
    if (result < 0)
        return result;
    memcpy(stpcpy(stpcpy(spool_state.path, spool_state.session), "/"), name + 1, strlen(name));
    atomic_store_explicit(&spool_state.header, header, memory_order_release);
    return 0;
}

static int find_session(bool create_session)
{
    const char *named = getenv("LASTWORD_SESSION");

    if (spool_state.session[0])
        return 0;
    if (named && *named) {
        if (strlen(named) >= SESSION_PATH_SIZE)
            return -ENAMETOOLONG;
        strcpy(spool_state.session, named);
        spool_state.expects_courier = true;
        return 0;
    }
    return create_session ? session_create(spool_state.session) : -ENOENT;
}

static int open_family(bool create_session)
{
    int directory;
    int result = find_session(create_session);

    if (result < 0)
        return result;
    directory = session_open(spool_state.session);
    if (directory < 0)
        return directory;
    result = make_in_session(directory);
    close(directory);
    return result;
}

/* Makes the family's spool unless that was done, or failed and is not to be tried again. */
static int open_once(bool create_session)
{
    int result = spool_state.header ? 0 : spool_state.open_error;

    if (!spool_state.header && (create_session || result == 0))
        result = open_family(create_session);
    spool_state.open_error = result;
    return result;
}

/*
 * One thread opens; the others of this process wait for it. The flag lies in the wiped page: a
 * child that is forked in the middle starts afresh. Signals are blocked, or a handler that logs
 * would wait for what it interrupted.
 */
int family_open(bool create_session)
{
    struct spool_wiped *wiped;
    uint32_t idle = 0;
    uint64_t mask;
    int result = state_init();

    if (result < 0)
        return result;
    mask = signals_block();
    wiped = spool_state.wiped;
    while (!atomic_compare_exchange_weak(&wiped->opening, &idle, 1)) {
        idle = 0;
        sched_yield();
    }
    result = open_once(create_session);
    wiped->opening = 0;
    signals_restore(mask);
    return result;
}
