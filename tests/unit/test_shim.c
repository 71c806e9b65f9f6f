/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The shim's path: found, or said where it was looked for; loadable also from an awkward folder. */
#include "harness/supervise/shim.h"

#include "harness/supervise/environment.h"
#include "harness/supervise/session_end.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/lastword-shim.XXXXXX";

static void make_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
}

static void remove_folder(void)
{
    session_discard(folder);
}

TestSuite(shim, .init = make_folder, .fini = remove_folder);

static void make_file(const char *name)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    cr_assert_geq(fd, 0);
    close(fd);
}

Test(shim, the_variable_comes_first)
{
    char path[PATH_MAX];
    char found[PATH_MAX];
    char error_text[512] = "";

    make_file("mine.so");
    snprintf(path, sizeof(path), "%s/mine.so", folder);
    setenv("LASTWORD_SHIM", path, 1);
    cr_assert_eq(shim_find(found, error_text, sizeof(error_text)), 0, "%s", error_text);
    cr_expect_str_eq(found, path);
    setenv("LASTWORD_SHIM", "/no/such.so", 1);
    cr_expect_eq(shim_find(found, error_text, sizeof(error_text)), -ENOENT);
    cr_expect_not_null(strstr(error_text, "LASTWORD_SHIM names, '/no/such.so'"), "%s", error_text);
}

Test(shim, a_failed_search_says_where)
{
    char found[PATH_MAX];
    char error_text[3 * PATH_MAX] = "";

    /* The test program lies in build/tests/unit, beside which there is no shim. */
    unsetenv("LASTWORD_SHIM");
    cr_expect_eq(shim_find(found, error_text, sizeof(error_text)), -ENOENT);
    cr_expect_not_null(strstr(error_text, "unit/../preload/"), "%s", error_text);
    cr_expect_not_null(strstr(error_text, "/lastword/"), "%s", error_text);
}

Test(shim, an_ordinary_path_is_left_alone)
{
    char path[PATH_MAX] = "/usr/lib/lastword/" SHIM_FILE_NAME;

    cr_assert_eq(shim_make_loadable(folder, path), 0);
    cr_expect_str_eq(path, "/usr/lib/lastword/" SHIM_FILE_NAME);
}

Test(shim, an_awkward_path_is_linked_and_the_link_goes_with_the_session)
{
    char path[PATH_MAX] = "/home/x/My Programs/" SHIM_FILE_NAME;
    char target[PATH_MAX] = "";

    cr_assert_eq(shim_make_loadable(folder, path), 0);
    cr_expect_eq(strncmp(path, folder, strlen(folder)), 0, "%s", path);
    cr_expect_gt(readlink(path, target, sizeof(target) - 1), 0);
    cr_expect_str_eq(target, "/home/x/My Programs/" SHIM_FILE_NAME);
    session_remove_if_done(folder);
    cr_expect_eq(access(folder, F_OK), -1);
}

Test(shim, a_session_with_a_spool_keeps_its_link)
{
    char path[PATH_MAX] = "/a:b/" SHIM_FILE_NAME;
    char target[PATH_MAX];

    cr_assert_eq(shim_make_loadable(folder, path), 0);
    make_file("1-2.spool");
    session_remove_if_done(folder);
    cr_expect_gt(readlink(path, target, sizeof(target)), 0);
    session_discard(folder);
    cr_expect_eq(access(folder, F_OK), -1);
}

Test(shim, a_session_that_LD_PRELOAD_cannot_name_either)
{
    char path[PATH_MAX] = "/a b/" SHIM_FILE_NAME;

    cr_expect_eq(shim_make_loadable("/c d", path), -EINVAL);
}
