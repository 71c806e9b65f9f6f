/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What --show draws of whole recordings. */
#include "harness/verify/show.h"

#include "harness/verify/process_tree.h"
#include "tests/unit/verify/family.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void expect_shown(const struct recording_maker *maker, bool has_unicode,
                         int (*print)(const struct terminal *, const struct recording *),
                         const char *expected)
{
    struct recording recording;
    struct rrd_error error = {""};
    char *path = recording_maker_save(maker), *text = NULL;
    size_t size = 0;
    const struct recording_options options = {.n_rows_kept = 1000};

    cr_assert(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
    cr_assert_eq(recording_load(&recording, path, &options, &error), 0, "%s", error.text);
    struct terminal terminal = {open_memstream(&text, &size), false, has_unicode, 60};
    cr_assert_eq(print(&terminal, &recording), 0);
    fclose(terminal.out);
    cr_assert_str_eq(text, expected, "got:\n%s\nexpected:\n%s", text, expected);
    free(text);
    recording_done(&recording);
    unlink(path);
    free(path);
}

Test(show, a_family)
{
    struct recording_maker maker;
    family_make(&maker, &FAMILY_RIGHT);
    expect_shown(&maker, true, show_print,
                 "root multiprocess --end _exit  pid 100  run   return 0  2 rows\n"
                 "├─ child 1                     pid 101  fork  _exit 0   2 rows\n"
                 "├─ child 2                     pid 102  fork  _exit 0   2 rows\n"
                 "└─ child 3                     pid 103  fork  _exit 0   2 rows\n"
                 "\n"
                 "root (pid 100)\n"
                 "     0.000 s  /log  INFO pid=100, recording rec-7\n"
                 "child 1 (pid 101)\n"
                 "     0.002 s  /log  INFO pid=101, recording rec-7\n"
                 "child 2 (pid 102)\n"
                 "     0.004 s  /log  INFO pid=102, recording rec-7\n"
                 "child 3 (pid 103)\n"
                 "     0.006 s  /log  INFO pid=103, recording rec-7\n"
                 "\n"
                 "  ┌task_0───────────────────────────────────────┐\n"
                 "  │                                             │\n"
                 "  │                                             │\n"
                 "  │                                             │\n"
                 "  │                                             │\n"
                 "  │                                             │\n"
                 "  │        ┌task_1──────────┐                   │\n"
                 "  │        │    ┌task_2─────┼─────┐             │\n"
                 "  │        │    │           │     │             │\n"
                 "  │        │    │     ┌task_3─────┼────┐        │\n"
                 "  │        │    │     │     │     │    │        │\n"
                 "  │        │    │     │     │     │    │        │\n"
                 "  │        │    │     │     │     │    │        │\n"
                 "  │        │    │     │     │     │    │        │\n"
                 "  │        │    │     │     │     │    │        │\n"
                 "  │        │    │     │     │     │    │        │\n"
                 "  │        │    │     │     │     │    │        │\n"
                 "  │        └────┼─────┼─────┘     │    │        │\n"
                 "  │             │     │           │    │        │\n"
                 "  │             └─────┼───────────┘    │        │\n"
                 "  │                   └────────────────┘        │\n"
                 "  │                                             │\n"
                 "  │                                             │\n"
                 "  └─────────────────────────────────────────────┘\n"
                 "  4 boxes, x 5 to 85, y 5 to 85\n");
    recording_maker_done(&maker);
}

Test(show, a_tree_with_images_grandchildren_signals_and_losses)
{
    struct recording_maker maker;
    family_make(&maker, &(struct family){.n_children = 3,
                                         .is_exec = true,
                                         .has_grandchild = true,
                                         .killed = 2,
                                         .lossy = 1,
                                         .has_stray = true});
    expect_shown(&maker, true, process_tree_print,
                 "root multiprocess --end _exit  pid 100  run      return 0       2 rows\n"
                 "├─ child 1                     pid 101  fork     _exit 0        2 rows, 3 LOST\n"
                 "│  └─ grandchild 1             pid 104  fork     _exit 0        1 row\n"
                 "├─ child 2                     pid 102  fork     SIGKILL        2 rows\n"
                 "└─ child 3                     pid 103  fork     exec           2 rows\n"
                 "   └─ then true                pid 103  exec     exit 0         0 rows\n"
                 "process 00000000000000ff.1              unknown  end not known  1 row\n");
    expect_shown(&maker, false, process_tree_print,
                 "root multiprocess --end _exit  pid 100  run      return 0       2 rows\n"
                 "|- child 1                     pid 101  fork     _exit 0        2 rows, 3 LOST\n"
                 "|  `- grandchild 1             pid 104  fork     _exit 0        1 row\n"
                 "|- child 2                     pid 102  fork     SIGKILL        2 rows\n"
                 "`- child 3                     pid 103  fork     exec           2 rows\n"
                 "   `- then true                pid 103  exec     exit 0         0 rows\n"
                 "process 00000000000000ff.1              unknown  end not known  1 row\n");
    recording_maker_done(&maker);
}

Test(show, a_recording_of_others)
{
    struct recording_maker maker;
    recording_maker_init(&maker, FAMILY_ID);
    make_text(&maker, &(struct made_text){.entity = "/a", .text = "x\ny"});
    expect_shown(&maker, true, show_print,
                 "the recording tells nothing of processes\n"
                 "\n"
                 "root\n"
                 "     0.000 s  /a  x\\ny\n");
    recording_maker_done(&maker);
}

Test(show, many_processes_are_counted)
{
    struct recording_maker maker;
    struct recording recording;
    struct rrd_error error = {""};
    const struct recording_options options = {.n_rows_kept = 10};
    recording_maker_init(&maker, FAMILY_ID);
    make_process(&maker, &(struct made_process){.name = "a.1", .pid = 1, .made_by = "run"});
    for (int i = 2; i <= 300; i++) {
        char name[16];
        snprintf(name, sizeof name, "a.%d", i);
        make_process(&maker, &(struct made_process){
                                 .name = name, .pid = i, .parent = "a.1", .made_by = "fork"});
    }
    char *path = recording_maker_save(&maker), *text = NULL;
    size_t size = 0;
    cr_assert_eq(recording_load(&recording, path, &options, &error), 0, "%s", error.text);
    struct terminal terminal = {open_memstream(&text, &size), false, true, 80};
    cr_assert_eq(process_tree_print(&terminal, &recording), 0);
    fclose(terminal.out);
    cr_assert(strstr(text, "child 199 ") != NULL && strstr(text, "child 200 ") == NULL);
    cr_assert_str_eq(text + strlen(text) - strlen("and 100 more\n"), "and 100 more\n");
    free(text);
    recording_done(&recording);
    unlink(path);
    free(path);
    recording_maker_done(&maker);
}
