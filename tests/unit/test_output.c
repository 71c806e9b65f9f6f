/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where a recording may go, and what is said where it may not. */
#include "harness/supervise/output.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[PATH_MAX];
static struct output output;
static char error_text[2 * PATH_MAX];

static void enter_folder(void)
{
    char template[] = "/tmp/lastword-output.XXXXXX";

    cr_assert_not_null(mkdtemp(template));
    cr_assert_not_null(realpath(template, folder));
    cr_assert_eq(chdir(folder), 0);
}

static void remove_folder(void)
{
    static const char *const names[] = {"old.rrd", "link.rrd", "nowhere.rrd", "fifo"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        unlink(names[i]);
    }
    rmdir("closed");
    rmdir("sub");
    rmdir(folder);
}

TestSuite(output, .init = enter_folder, .fini = remove_folder);

static int decide(const char *given)
{
    *error_text = '\0';
    return output_decide(&output, given, "/opt/x/prog", error_text, sizeof(error_text));
}

static void expect_path(const char *given, const char *name)
{
    char wanted[2 * PATH_MAX];

    snprintf(wanted, sizeof(wanted), "%s/%s", folder, name);
    cr_assert_eq(decide(given), 0, "%s", error_text);
    cr_expect_str_eq(output.path, wanted);
}

static void expect_refusal(const char *given, int error, const char *said)
{
    cr_expect_eq(decide(given), error, "%s", given);
    cr_expect_not_null(strstr(error_text, said), "'%s' does not say '%s'", error_text, said);
}

Test(output, default_name_has_program_and_pid)
{
    char name[64];

    snprintf(name, sizeof(name), "lastword-prog-%d.rrd", (int)getpid());
    expect_path(NULL, name);
    cr_expect_str_eq(output.shown, name);
}

Test(output, becomes_absolute)
{
    cr_assert_eq(mkdir("sub", 0700), 0);
    expect_path("m.rrd", "m.rrd");
    expect_path("m.rrd.zst", "m.rrd.zst");
    expect_path("sub/m.rrd", "sub/m.rrd");
    expect_path("./sub/../m.rrd", "m.rrd");
    cr_expect_str_eq(output.shown, "./sub/../m.rrd");
}

Test(output, a_link_is_followed)
{
    cr_assert_geq(open("old.rrd", O_CREAT | O_WRONLY | O_CLOEXEC, 0600), 0);
    cr_assert_eq(symlink("old.rrd", "link.rrd"), 0);
    expect_path("old.rrd", "old.rrd");
    expect_path("link.rrd", "old.rrd");
}

Test(output, refusals)
{
    char too_long[300];

    memset(too_long, 'x', sizeof(too_long) - 1);
    too_long[sizeof(too_long) - 1] = '\0';
    cr_assert_eq(mkdir("sub", 0700), 0);
    cr_assert_eq(symlink("gone", "nowhere.rrd"), 0);
    cr_assert_eq(mkfifo("fifo", 0600), 0);
    expect_refusal("", -EINVAL, "-o needs the name of a file");
    expect_refusal("no/such/m.rrd", -ENOENT, "make the directory first");
    expect_refusal("nowhere.rrd", -ENOENT, "link to nowhere");
    expect_refusal("sub", -EISDIR, "name a file in it");
    expect_refusal("m/", -EISDIR, "name a file in it");
    expect_refusal("fifo", -EEXIST, "something else than a file");
    expect_refusal("/dev/null", -EEXIST, "something else than a file");
    expect_refusal("/dev/null/m.rrd", -ENOTDIR, "Not a directory");
    expect_refusal(too_long, -ENAMETOOLONG, "too long");
}

Test(output, a_directory_that_cannot_be_written)
{
    cr_assert_eq(mkdir("closed", 0500), 0);
    if (geteuid() == 0 && seteuid(65534) != 0) {
        cr_skip("cannot become an ordinary user");
    }
    expect_refusal("closed/m.rrd", -EACCES, "choose another place with -o FILE");
    if (getuid() == 0) {
        cr_assert_eq(seteuid(0), 0);
    }
}
