/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What `lastword ps` lists of recordings that are made here. */
#include "harness/ps/ps_json.h"
#include "harness/ps/ps_list.h"
#include "tests/unit/verify/family.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

static struct recording recording;
static char *text;
static size_t size;

/* Lets go of the maker too. */
static void load(struct recording_maker *maker)
{
    const struct recording_options options = {.n_rows_kept = 1};
    struct rrd_error error = {""};
    char *path = recording_maker_save(maker);

    cr_assert(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
    cr_assert_eq(recording_load(&recording, path, &options, &error), 0, "%s", error.text);
    unlink(path);
    free(path);
    recording_maker_done(maker);
}

static void expect_list(struct recording_maker *maker, const char *expected)
{
    struct terminal terminal = {.has_unicode = true, .width = 80};

    load(maker);
    terminal.out = open_memstream(&text, &size);
    cr_assert_eq(ps_list_print(&terminal, &recording), 0);
    fclose(terminal.out);
    cr_expect_str_eq(text, expected, "got:\n%s\nexpected:\n%s", text, expected);
    free(text);
    recording_done(&recording);
}

Test(ps, a_family)
{
    struct recording_maker maker;

    family_make(&maker, &FAMILY_RIGHT);
    expect_list(&maker,
                "COMMAND                   PID  PARENT  STARTED  ENDED     LOGGED  STORED  LOST\n"
                "multiprocess --end _exit  100      99  run      return 0       2       2     0\n"
                "├─ multiprocess           101     100  fork     _exit 0        2       2     0\n"
                "├─ multiprocess           102     100  fork     _exit 0        2       2     0\n"
                "└─ multiprocess           103     100  fork     _exit 0        2       2     0\n"
                "\n"
                "4 processes, 8 rows logged, 8 stored, 0 lost; 0 not covered\n");
}

Test(ps, what_was_lost_and_what_was_not_covered)
{
    struct recording_maker maker;

    family_make(&maker, &(struct family){.n_children = 1, .lossy = 1});
    make_notes(&maker, family_name(1),
               &(struct made_notes){.providers = {"stdio", "rerun-sdk 0.41.0"},
                                    .not_covered = {"grpc: unknown version"},
                                    .timed_out = {"stdio"},
                                    .viewers = {"rerun+http://127.0.0.1:9876/proxy"}});
    make_uncovered(&maker, &(struct made_uncovered){.pid = 105,
                                                    .parent = family_name(0),
                                                    .made_by = "spawn",
                                                    .executable = "/bin/busy\x1b"
                                                                  "box",
                                                    .reason = "static",
                                                    .ended_by = "exit",
                                                    .status = 3});
    make_uncovered(&maker, &(struct made_uncovered){.pid = 106,
                                                    .made_by = "unknown",
                                                    .reason = "unknown",
                                                    .ended_by = "signal",
                                                    .status = 9});
    make_uncovered(&maker, &(struct made_uncovered){.more = 7});
    expect_list(
        &maker,
        "COMMAND                   PID  PARENT  STARTED  ENDED     LOGGED  STORED  LOST  MADE "
        "SAFE\n"
        "multiprocess --end _exit  100      99  run      return 0       2       2     0\n"
        "└─ multiprocess           101     100  fork     _exit 0        5       2     3  stdio, "
        "rerun-sdk 0.41.0\n"
        "\n"
        "Not covered, and why:\n"
        "    105  /bin/busy\\x1bbox: static, spawn by 100, exit 3\n"
        "    106  ?: unknown, unknown, SIGKILL\n"
        "    101  multiprocess: grpc: unknown version\n"
        "         and 7 more\n"
        "\n"
        "Did not finish in time before its process ended:\n"
        "    101  multiprocess: stdio\n"
        "\n"
        "Viewers that got nothing (rows for live viewers go to the recording only):\n"
        "    101  multiprocess: rerun+http://127.0.0.1:9876/proxy\n"
        "\n"
        "2 processes, 7 rows logged, 4 stored, 3 lost; 10 not covered\n");
}

Test(ps, what_exec_made_stands_below)
{
    struct recording_maker maker;

    family_make(&maker, &(struct family){.n_children = 3, .is_exec = true});
    expect_list(&maker,
                "COMMAND                   PID  PARENT  STARTED  ENDED     LOGGED  STORED  LOST\n"
                "multiprocess --end _exit  100      99  run      return 0       2       2     0\n"
                "├─ multiprocess           101     100  fork     _exit 0        2       2     0\n"
                "├─ multiprocess           102     100  fork     _exit 0        2       2     0\n"
                "└─ multiprocess           103     100  fork     exec           2       2     0\n"
                "   └─ true                103     100  exec     exit 0         0       0     0\n"
                "\n"
                "4 processes, 8 rows logged, 8 stored, 0 lost; 0 not covered\n");
}

Test(ps, without_processes)
{
    struct recording_maker maker;

    family_make(&maker, &(struct family){.n_children = 1, .has_no_processes = true});
    load(&maker);
    cr_expect_not(ps_has_processes(&recording));
    recording_done(&recording);
}

Test(ps, json_escapes_what_comes_from_programs)
{
    struct recording_maker maker;

    recording_maker_init(&maker, "r");
    make_uncovered(&maker, &(struct made_uncovered){.pid = 105,
                                                    .made_by = "spawn",
                                                    .executable = "a\"b\n",
                                                    .reason = "static",
                                                    .ended_by = "unknown",
                                                    .status = -1});
    load(&maker);
    FILE *out = open_memstream(&text, &size);
    ps_json_print(out, "m.rrd", &recording);
    fclose(out);
    cr_expect_not_null(strstr(text, "\"executable\":\"a\\\"b\\n\""), "%s", text);
    cr_expect_not_null(strstr(text, "\"status\":null"), "%s", text);
    cr_expect_not_null(strstr(text, "\"not_covered\":1"), "%s", text);
    free(text);
    recording_done(&recording);
}
