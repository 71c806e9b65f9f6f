/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Compressed recordings come into their place whole, or not at all. */
#include "harness/courier/packed_file.h"

#include "harness/wire/byte_source.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static char path[96];
static char temporary[128];

static void make_folder(void)
{
    strcpy(folder, "/tmp/test-packed-XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
    snprintf(path, sizeof(path), "%s/m.rrd.zst", folder);
    snprintf(temporary, sizeof(temporary), "%s.part.ID", path);
}

static void remove_folder(void)
{
    (void)!unlink(path);
    (void)!unlink(temporary);
    cr_assert_eq(rmdir(folder), 0, "something else was left");
}

TestSuite(packed_file, .init = make_folder, .fini = remove_folder);

static int put(const char *where, const char *text)
{
    int file = open(where, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    return file;
}

static void assert_holds(const char *text, bool is_compressed)
{
    char bytes[64] = {0};
    struct byte_source source;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    size_t size = 0;
    ssize_t n;

    cr_assert_eq(byte_source_open(&source, file), 0);
    cr_assert_eq(byte_source_is_compressed(&source), is_compressed);
    while ((n = byte_source_read(&source, bytes + size, sizeof(bytes) - 1 - size)) > 0)
        size += (size_t)n;
    cr_assert_eq(n, 0);
    cr_assert_str_eq(bytes, text);
    byte_source_done(&source);
    close(file);
}

Test(packed_file, the_name_tells)
{
    cr_assert(packed_file_is_meant("/a/m.rrd.zst"));
    cr_assert(packed_file_is_meant("/m.zst"));
    cr_assert_not(packed_file_is_meant("/m.rrd"));
    cr_assert_not(packed_file_is_meant("/m.zst/m.rrd"));
    cr_assert_not(packed_file_is_meant(".zst"));
    cr_assert_not(packed_file_is_meant(""));
}

Test(packed_file, an_older_one_is_replaced)
{
    struct stat status;
    struct stat named;
    int plain = put(temporary, "RRF2 new");

    close(put(path, "older"));
    cr_assert_eq(packed_file_make(plain, temporary, path, NULL, &status), 0,
                 "the plain file may have the temporary name");
    assert_holds("RRF2 new", true);
    cr_assert_eq(stat(path, &named), 0);
    cr_assert_eq(named.st_ino, status.st_ino);
    cr_assert_eq(named.st_size, status.st_size);
    cr_assert_eq(named.st_mtim.tv_nsec, status.st_mtim.tv_nsec);
    cr_assert_neq(access(temporary, F_OK), 0);
    close(plain);
}

Test(packed_file, what_goes_wrong_leaves_the_older_one)
{
    struct stat status;
    int unreadable = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int plain = put(temporary, "RRF2 new");

    close(put(path, "older"));
    cr_assert_eq(packed_file_make(unreadable, temporary, path, NULL, &status), -EBADF);
    cr_assert_neq(access(temporary, F_OK), 0);
    assert_holds("older", false);
    cr_assert_eq(packed_file_make(plain, "/tmp/no/such/place", path, NULL, &status), -ENOENT);
    assert_holds("older", false);
    close(unreadable);
    close(plain);
}
