/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Recordings against expectations, from the file to the printed diff: what is right passes, and for
 * each kind of expectation there is a recording that must fail, with its exact diff.
 */
#include "harness/verify/diff.h"

#include "tests/unit/verify/family.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Judges what the maker holds; returns the diff and the verdict as text. */
static char *judge(const struct recording_maker *maker, const char *yaml)
{
    struct expectation expectation;
    struct recording recording;
    struct match match;
    struct rrd_error error = {""};
    char fault[YAML_FAULT_SIZE] = "", *path = recording_maker_save(maker), *text = NULL;
    size_t size = 0;

    cr_assert_eq(expectation_parse(&expectation, "f.yaml", yaml, strlen(yaml), fault), 0, "%s",
                 fault);
    const struct recording_options options = match_recording_options(&expectation);
    cr_assert_eq(recording_load(&recording, path, &options, &error), 0, "%s", error.text);
    cr_assert_eq(match_run(&match, &expectation, &recording), 0);
    struct terminal terminal = {open_memstream(&text, &size), false, true, 80};
    diff_print(&terminal, &match, &expectation, &recording);
    diff_print_verdict(&terminal, &match, &expectation, &recording, "m.rrd");
    fclose(terminal.out);
    match_done(&match);
    recording_done(&recording);
    expectation_done(&expectation);
    unlink(path);
    free(path);
    return text;
}

static void expect_text(char *text, const char *expected)
{
    cr_assert_str_eq(text, expected, "got:\n%s\nexpected:\n%s", text, expected);
    free(text);
}

static void expect_family(const struct family *family, const char *yaml, const char *expected)
{
    struct recording_maker maker;
    family_make(&maker, family);
    expect_text(judge(&maker, yaml), expected);
    recording_maker_done(&maker);
}

Test(diff, what_is_right_passes)
{
    expect_family(&FAMILY_RIGHT, family_yaml, "PASS m.rrd: 8 rows of 4 processes as f.yaml says");
}

/* --- Rows ------------------------------------------------------------------------------------- */

Test(diff, a_missing_row)
{
    expect_family(&(struct family){.n_children = 3, .skip_box_of = 2}, family_yaml,
                  "child 2 (pid 102)\n"
                  "  missing    /task_2 box_xywh [30, 30, 30, 40] label \"task_2\"\n"
                  "             expected at f.yaml:7:5\n"
                  "FAIL m.rrd: 1 missing; 7 rows as expected");
    expect_family(&(struct family){.n_children = 3, .skip_text_of = 1}, family_yaml,
                  "child 1 (pid 101)\n"
                  "  missing    /log text \"pid={pid}, recording {recording_id}\"\n"
                  "             expected at f.yaml:5:5\n"
                  "FAIL m.rrd: 1 missing; 7 rows as expected");
}

Test(diff, an_extra_row)
{
    expect_family(&(struct family){.n_children = 3, .extra_of = 3}, family_yaml,
                  "child 3 (pid 103)\n"
                  "  extra      /log text \"once more\"\n"
                  "FAIL m.rrd: 1 extra; 8 rows as expected");
}

Test(diff, a_different_text_and_why)
{
    expect_family(&(struct family){.n_children = 3, .other_text_of = 1}, family_yaml,
                  "child 1 (pid 101)\n"
                  "  different  /log\n"
                  "    text         expected \"pid={pid}, recording {recording_id}\"\n"
                  "                 got      \"pid=99, recording rec-7\"\n"
                  "             {pid} is 101 here, not 99\n"
                  "             expected at f.yaml:5:5\n"
                  "FAIL m.rrd: 1 different; 7 rows as expected");
}

Test(diff, a_different_box_and_label)
{
    expect_family(&(struct family){.n_children = 3, .other_box_of = 3}, family_yaml,
                  "child 3 (pid 103)\n"
                  "  different  /task_3\n"
                  "    box_xywh     expected [40, 35, 30, 40]\n"
                  "                 got      [40, 35, 31, 40]\n"
                  "    label        expected \"task_3\"\n"
                  "                 got      \"other\"\n"
                  "             expected at f.yaml:8:5\n"
                  "FAIL m.rrd: 1 different; 7 rows as expected");
}

Test(diff, the_wrong_order)
{
    expect_family(&(struct family){.n_children = 3, .swap_of = 2}, family_yaml,
                  "child 2 (pid 102)\n"
                  "  misplaced  /log text \"pid=102, recording rec-7\" level INFO\n"
                  "             is not where the order of the entries has it\n"
                  "             expected at f.yaml:5:5\n"
                  "FAIL m.rrd: 1 misplaced; 7 rows as expected");
}

Test(diff, no_rows_at_all)
{
    expect_family(&(struct family){.n_children = 3, .has_no_rows = true},
                  "expect: [{process: root, entity: /log, text: hello}]",
                  "the recording holds no rows\n"
                  "root (pid 100)\n"
                  "  missing    /log text \"hello\"\n"
                  "             expected at f.yaml:1:10\n"
                  "FAIL m.rrd: no row at all, 1 missing; 0 rows as expected");
}

Test(diff, a_row_of_a_process_that_nobody_knows)
{
    expect_family(&(struct family){.n_children = 3, .has_stray = true}, family_yaml,
                  "process 00000000000000ff.1: the recording does not tell who made it\n"
                  "  extra      /log text \"stray\"\n"
                  "FAIL m.rrd: 1 extra; 8 rows as expected");
}

Test(diff, rows_that_were_lost_though_nobody_expected_them)
{
    expect_family(&(struct family){.n_children = 3, .lossy = 2}, family_yaml,
                  "child 2 (pid 102)\n"
                  "  lost       3 rows that it logged are not in the recording\n"
                  "FAIL m.rrd: 3 lost; 8 rows as expected");
}

/* --- Processes -------------------------------------------------------------------------------- */

Test(diff, a_process_that_is_not_there)
{
    expect_family(&(struct family){.n_children = 2}, family_yaml,
                  "child 3: there is no such process\n"
                  "  missing    /task_3 box_xywh [40, 35, 30, 40] label \"task_3\"\n"
                  "             expected at f.yaml:8:5\n"
                  "3 children\n"
                  "  processes  there are 2\n"
                  "             expected at f.yaml:1:26\n"
                  "FAIL m.rrd: 1 missing, 1 wrong number of processes; 6 rows as expected");
}

Test(diff, no_process_of_a_role)
{
    expect_family(&(struct family){.n_children = 0},
                  "ends: {grandchild: exit 0}\n"
                  "expect:\n"
                  "  - {process: root, entity: /log}\n"
                  "  - {process: root, entity: /task_0}\n"
                  "  - {process: child, entity: /log, count: 2}\n"
                  "  - {process: 2 children, entity: /x, text: x}\n",
                  "child: there is no such process\n"
                  "  missing    2 times /log\n"
                  "             expected at f.yaml:5:5\n"
                  "2 children\n"
                  "  processes  there are 0\n"
                  "             expected at f.yaml:6:5\n"
                  "grandchild: there is no such process\n"
                  "  ended      expected exit 0, got no such process\n"
                  "             expected at f.yaml:1:8\n"
                  "FAIL m.rrd: 3 missing, 1 wrong number of processes; 2 rows as expected");
}

Test(diff, a_recording_without_its_processes)
{
    expect_family(&(struct family){.n_children = 1, .has_no_processes = true},
                  "expect: [{process: root, entity: /log}]",
                  "root: there is no such process\n"
                  "  missing    /log\n"
                  "             expected at f.yaml:1:10\n"
                  "process 00000000000000aa.1: the recording does not tell who made it\n"
                  "  extra      /log text \"pid=100, recording rec-7\" level INFO\n"
                  "  extra      /task_0 box_xywh [5, 5, 80, 80] label \"task_0\"\n"
                  "process 00000000000000aa.2: the recording does not tell who made it\n"
                  "  extra      /log text \"pid=101, recording rec-7\" level INFO\n"
                  "  extra      /task_1 box_xywh [20, 25, 30, 40] label \"task_1\"\n"
                  "FAIL m.rrd: 1 missing, 4 extra; 0 rows as expected");
}

Test(diff, a_wrong_ending)
{
    expect_family(&(struct family){.n_children = 3, .killed = 2}, family_yaml,
                  "child 2 (pid 102)\n"
                  "  ended      expected _exit 0, got SIGKILL (seen by parent)\n"
                  "             expected at f.yaml:1:26\n"
                  "FAIL m.rrd: 1 ended otherwise; 8 rows as expected");
}

#define ROWS_OF_ALL                                                                                \
    "expect:\n"                                                                                    \
    "  - {process: root, entity: /log}\n"                                                          \
    "  - {process: root, entity: /task_0}\n"                                                       \
    "  - {process: child, entity: /log}\n"                                                         \
    "  - {process: child, entity: \"/task_{n}\", label: \"task_{n}\"}\n"

Test(diff, an_exec_is_no_end_but_may_be_asked_for)
{
    const struct family family = {.n_children = 3, .is_exec = true};
    expect_family(&family, "ends: {child 3: exec}\n" ROWS_OF_ALL,
                  "PASS m.rrd: 8 rows of 4 processes as f.yaml says");
    expect_family(&family, "ends: {child 3: exit 0}\n" ROWS_OF_ALL,
                  "PASS m.rrd: 8 rows of 4 processes as f.yaml says");
    expect_family(&family, "ends: {child 3: _exit 0, child 2: exec}\n" ROWS_OF_ALL,
                  "child 2 (pid 102)\n"
                  "  ended      expected exec, got _exit 0\n"
                  "             expected at f.yaml:1:26\n"
                  "child 3 (pid 103)\n"
                  "  ended      expected _exit 0, got exit 0\n"
                  "             expected at f.yaml:1:8\n"
                  "FAIL m.rrd: 2 ended otherwise; 8 rows as expected");
}

Test(diff, grandchildren_are_told_apart)
{
    const struct family family = {.n_children = 3, .has_grandchild = true};
    expect_family(&family, ROWS_OF_ALL "  - {process: grandchild, entity: /deep, text: deep}\n",
                  "PASS m.rrd: 9 rows of 5 processes as f.yaml says");
    expect_family(&family, ROWS_OF_ALL,
                  "grandchild 1 (pid 104)\n"
                  "  extra      /deep text \"deep\"\n"
                  "FAIL m.rrd: 1 extra; 8 rows as expected");
}

/* Of 4 processes with the program multiprocess the last became true. */
Test(diff, processes_by_program)
{
    const struct family family = {.n_children = 3, .is_exec = true};
    expect_family(&family,
                  "ends: {program true: exit 0, program multiprocess 3: _exit 0}\n"
                  "expect:\n"
                  "  - {process: 4 programs multiprocess, entity: /log}\n"
                  "  - {process: program multiprocess 1, entity: /task_0}\n"
                  "  - {process: program multiprocess 2, entity: /task_1}\n"
                  "  - {process: child 2, entity: /task_2}\n"
                  "  - {process: 1 program true, entity: /task_3}\n",
                  "PASS m.rrd: 8 rows of 4 processes as f.yaml says");
    expect_family(&family,
                  "ends: {program worker: exit 0}\n"
                  "expect:\n"
                  "  - {process: 3 programs multiprocess, entity: /log}\n"
                  "  - {process: root, entity: /task_0}\n"
                  "  - {process: child, entity: \"/task_{n}\"}\n"
                  "  - {process: program true 2, entity: /x}\n",
                  "3 programs multiprocess\n"
                  "  processes  there are 4\n"
                  "             expected at f.yaml:3:5\n"
                  "program true 2: there is no such process\n"
                  "  missing    /x\n"
                  "             expected at f.yaml:6:5\n"
                  "program worker: there is no such process\n"
                  "  ended      expected exit 0, got no such process\n"
                  "             expected at f.yaml:1:8\n"
                  "FAIL m.rrd: 2 missing, 1 wrong number of processes; 8 rows as expected");
}

/* --- Names ------------------------------------------------------------------------------------ */

Test(diff, a_name_in_one_entry_means_something_else_in_each_row)
{
    struct recording_maker maker;
    recording_maker_init(&maker, FAMILY_ID);
    make_text(&maker, &(struct made_text){.entity = "/a", .text = "step 1 of 1"});
    make_text(&maker, &(struct made_text){.entity = "/a", .text = "step 2 of 2"});
    make_text(&maker, &(struct made_text){.entity = "/a", .text = "step 3 of 4"});
    expect_text(
        judge(&maker, "expect: [{process: root, entity: /a, text: \"step {n} of {n}\", count: 3}]"),
        "root\n"
        "  different  /a\n"
        "    text         expected \"step {n} of {n}\"\n"
        "                 got      \"step 3 of 4\"\n"
        "             expected at f.yaml:1:10\n"
        "FAIL m.rrd: 1 different; 2 rows as expected");
    recording_maker_done(&maker);
}

Test(diff, a_name_in_two_entries_means_the_same_in_a_process)
{
    static const char yaml[] = "expect:\n"
                               "  - {process: root, entity: \"/{a}\", text: one}\n"
                               "  - {process: root, entity: /b, text: \"{a}\"}\n";
    struct recording_maker maker;
    recording_maker_init(&maker, FAMILY_ID);
    make_text(&maker, &(struct made_text){.entity = "/x", .text = "one"});
    make_text(&maker, &(struct made_text){.entity = "/b", .text = "x"});
    expect_text(judge(&maker, yaml), "PASS m.rrd: 2 rows of 1 process as f.yaml says");
    recording_maker_done(&maker);

    recording_maker_init(&maker, FAMILY_ID);
    make_text(&maker, &(struct made_text){.entity = "/x", .text = "one"});
    make_text(&maker, &(struct made_text){.entity = "/b", .text = "y"});
    expect_text(judge(&maker, yaml), "root\n"
                                     "  different  /b\n"
                                     "    text         expected \"{a}\"\n"
                                     "                 got      \"y\"\n"
                                     "             {a} is x here, not y\n"
                                     "             expected at f.yaml:3:5\n"
                                     "FAIL m.rrd: 1 different; 1 row as expected");
    recording_maker_done(&maker);
}

Test(diff, the_recording_id_is_that_of_the_recording)
{
    struct recording_maker maker;
    recording_maker_init(&maker, FAMILY_ID);
    make_text(&maker, &(struct made_text){.entity = "/a", .text = "rec-8"});
    expect_text(judge(&maker, "expect: [{process: root, entity: /a, text: \"{recording_id}\"}]"),
                "root\n"
                "  different  /a\n"
                "    text         expected \"{recording_id}\"\n"
                "                 got      \"rec-8\"\n"
                "             {recording_id} is rec-7 here, not rec-8\n"
                "             expected at f.yaml:1:10\n"
                "FAIL m.rrd: 1 different; 0 rows as expected");
    recording_maker_done(&maker);
}

/* --- The other fields ------------------------------------------------------------------------- */

/* One text with level and colour against one entry. */
static void expect_styled(const char *entry, const char *expected)
{
    struct recording_maker maker;
    char yaml[256];
    recording_maker_init(&maker, FAMILY_ID);
    make_text(&maker, &(struct made_text){
                          .entity = "/a", .text = "x", .level = "WARN", .color = 0xff8000ff});
    snprintf(yaml, sizeof yaml, "expect: [{process: root, entity: /a, %s}]", entry);
    expect_text(judge(&maker, yaml), expected);
    recording_maker_done(&maker);
}

Test(diff, level_and_colour)
{
    expect_styled("text: x, level: WARN, color: \"#ff8000\"",
                  "PASS m.rrd: 1 row of 1 process as f.yaml says");
    expect_styled("level: INFO", "root\n"
                                 "  different  /a\n"
                                 "    level        expected INFO\n"
                                 "                 got      WARN\n"
                                 "             expected at f.yaml:1:10\n"
                                 "FAIL m.rrd: 1 different; 0 rows as expected");
    expect_styled("color: \"#ff8001\"", "root\n"
                                        "  different  /a\n"
                                        "    color        expected \"#ff8001ff\"\n"
                                        "                 got      \"#ff8000ff\"\n"
                                        "             expected at f.yaml:1:10\n"
                                        "FAIL m.rrd: 1 different; 0 rows as expected");
    expect_styled("box_xyxy: [1, 2, 3, 4]", "root\n"
                                            "  different  /a\n"
                                            "    box_xyxy     expected [1, 2, 3, 4]\n"
                                            "                 got      none\n"
                                            "             expected at f.yaml:1:10\n"
                                            "FAIL m.rrd: 1 different; 0 rows as expected");
    expect_styled("label_matches: \".*\"", "root\n"
                                           "  different  /a\n"
                                           "    label_matches expected \".*\"\n"
                                           "                  got      none\n"
                                           "             expected at f.yaml:1:10\n"
                                           "FAIL m.rrd: 1 different; 0 rows as expected");
    expect_styled("label: x", "root\n"
                              "  different  /a\n"
                              "    label        expected \"x\"\n"
                              "                 got      none\n"
                              "             expected at f.yaml:1:10\n"
                              "FAIL m.rrd: 1 different; 0 rows as expected");
}

Test(diff, texts_by_regular_expression)
{
    expect_styled("text_matches: \"[w-z]|hello\", level: WARN",
                  "PASS m.rrd: 1 row of 1 process as f.yaml says");
    expect_styled("text_matches: \"hell(o)?\"", "root\n"
                                                "  different  /a\n"
                                                "    text_matches expected \"hell(o)?\"\n"
                                                "                 got      \"x\"\n"
                                                "             expected at f.yaml:1:10\n"
                                                "FAIL m.rrd: 1 different; 0 rows as expected");
}

Test(diff, a_row_without_text_fits_no_regular_expression)
{
    expect_family(&(struct family){.n_children = 0},
                  "expect:\n"
                  "  - {process: root, entity: /log, text_matches: \"pid=[0-9]+, .*\"}\n"
                  "  - {process: root, entity: /task_0, text_matches: \".*\"}\n",
                  "root (pid 100)\n"
                  "  different  /task_0\n"
                  "    text_matches expected \".*\"\n"
                  "                 got      none\n"
                  "             expected at f.yaml:3:5\n"
                  "FAIL m.rrd: 1 different; 1 row as expected");
}

Test(diff, recording_and_application)
{
    expect_styled("recording: rec-7, application: \"lastword_{what}\"",
                  "PASS m.rrd: 1 row of 1 process as f.yaml says");
    expect_styled("recording: rec-8, application: other, text: x",
                  "root\n"
                  "  different  /a\n"
                  "    recording    expected \"rec-8\"\n"
                  "                 got      \"rec-7\"\n"
                  "             expected at f.yaml:1:10\n"
                  "FAIL m.rrd: 1 different; 0 rows as expected");
    expect_styled("application: other, text: y", "root\n"
                                                 "  different  /a\n"
                                                 "    application  expected \"other\"\n"
                                                 "                 got      \"lastword_test\"\n"
                                                 "             expected at f.yaml:1:10\n"
                                                 "FAIL m.rrd: 1 different; 0 rows as expected");
}

/* A text on /a at frame 3 and half a second against one entry. */
static void expect_timed(bool is_static, const char *entry, const char *expected)
{
    struct recording_maker maker;
    char yaml[256];
    recording_maker_init(&maker, FAMILY_ID);
    maker.is_static = is_static;
    maker.n_times = 2;
    maker.times[0] = (struct made_time){"frame", TIME_SEQUENCE, 3};
    maker.times[1] = (struct made_time){"sim_time", TIME_DURATION, 500000000};
    make_text(&maker, &(struct made_text){.entity = "/a", .text = "x"});
    snprintf(yaml, sizeof yaml, "expect: [{process: root, entity: /a, %s}]", entry);
    expect_text(judge(&maker, yaml), expected);
    recording_maker_done(&maker);
}

#define ALL_TIMES "{frame: 3, log_time: 2023-11-14T22:13:20Z, sim_time: 500ms}"

Test(diff, times)
{
    static const char right[] = "PASS m.rrd: 1 row of 1 process as f.yaml says";
    expect_timed(false, "at: {frame: 3, sim_time: 0.5s, log_time: 2023-11-14T23:13:20+01:00}",
                 right);
    expect_timed(false, "at: {frame: 1 to 3, sim_time: at most 500ms}, static: false", right);
    expect_timed(true, "static: true", right);
    expect_timed(false, "at: {frame: at least 4}",
                 "root\n"
                 "  different  /a\n"
                 "    at           expected {frame: at least 4}\n"
                 "                 got      " ALL_TIMES "\n"
                 "             expected at f.yaml:1:10\n"
                 "FAIL m.rrd: 1 different; 0 rows as expected");
    expect_timed(true, "at: {frame: 3}",
                 "root\n"
                 "  different  /a\n"
                 "    at           expected {frame: 3}\n"
                 "                 got      none\n"
                 "             expected at f.yaml:1:10\n"
                 "FAIL m.rrd: 1 different; 0 rows as expected");
    expect_timed(true, "static: false",
                 "root\n"
                 "  different  /a\n"
                 "    static       expected false\n"
                 "                 got      true\n"
                 "             expected at f.yaml:1:10\n"
                 "FAIL m.rrd: 1 different; 0 rows as expected");
    expect_timed(false, "static: true",
                 "root\n"
                 "  different  /a\n"
                 "    static       expected true\n"
                 "                 got      false\n"
                 "             expected at f.yaml:1:10\n"
                 "FAIL m.rrd: 1 different; 0 rows as expected");
}

/* What is missing is told with all that was asked. */
Test(diff, all_that_is_asked_is_told)
{
    expect_family(&(struct family){.n_children = 0},
                  "expect:\n"
                  "  - {process: root, entity: /log}\n"
                  "  - {process: root, entity: /task_0}\n"
                  "  - {process: root, entity: /x, text_matches: \"a|b\", recording: \"{n}\",\n"
                  "     application: app, at: {f: 3, t: 1s to 2s}, static: false}\n",
                  "root (pid 100)\n"
                  "  missing    /x text_matches \"a|b\" recording \"{n}\" application \"app\" at "
                  "{f: 3, t: 1s to 2s} static false\n"
                  "             expected at f.yaml:4:5\n"
                  "FAIL m.rrd: 1 missing; 2 rows as expected");
}

/* Two boxes with two labels and one colour against one entry. */
static void expect_boxes(const char *entry, const char *expected)
{
    static const float half_sizes[2][2] = {{5, 10}, {1, 1}}, centers[2][2] = {{5, 10}, {1, 1}};
    static const char *const labels[] = {"a", "b 2"};
    static const uint32_t color = 0x00ff00ff;
    struct recording_maker maker;
    char yaml[256];
    recording_maker_init(&maker, FAMILY_ID);
    make_boxes(&maker, &(struct made_boxes){.entity = "/a",
                                            .n = 2,
                                            .half_sizes = half_sizes,
                                            .centers = centers,
                                            .n_labels = 2,
                                            .labels = labels,
                                            .n_colors = 1,
                                            .colors = &color});
    snprintf(yaml, sizeof yaml, "expect: [{process: root, entity: /a, %s}]", entry);
    expect_text(judge(&maker, yaml), expected);
    recording_maker_done(&maker);
}

Test(diff, lists_of_boxes_and_labels)
{
    static const char right[] = "PASS m.rrd: 1 row of 1 process as f.yaml says";
    expect_boxes("box_xywh: [[0, 0, 10, 20], [0, 0, 2, 2]]", right);
    expect_boxes("box_yxyx: [[0, 0, 20, 10], [0, 0, 2, 2]], labels: [a, \"b {n}\"]", right);
    expect_boxes("box_xcycw2h2: [[5, 10, 5, 10], [1, 1, 1, 1]], color: \"#00ff00\"", right);
    expect_boxes("box_xywh: [[0, 0, 10.5, 20], [0, 0, 2, 2]], tolerance: 0.6", right);
    expect_boxes("box_xywh: [0, 0, 10, 20]",
                 "root\n"
                 "  different  /a\n"
                 "    box_xywh     expected [0, 0, 10, 20]\n"
                 "                 got      [[0, 0, 10, 20], [0, 0, 2, 2]]\n"
                 "             expected at f.yaml:1:10\n"
                 "FAIL m.rrd: 1 different; 0 rows as expected");
    expect_boxes("box_xywh: [[0, 0, 2, 2], [0, 0, 10, 20]]",
                 "root\n"
                 "  different  /a\n"
                 "    box_xywh     expected [[0, 0, 2, 2], [0, 0, 10, 20]]\n"
                 "                 got      [[0, 0, 10, 20], [0, 0, 2, 2]]\n"
                 "             expected at f.yaml:1:10\n"
                 "FAIL m.rrd: 1 different; 0 rows as expected");
    expect_boxes("labels: [a]", "root\n"
                                "  different  /a\n"
                                "    label        expected \"a\"\n"
                                "                 got      [\"a\", \"b 2\"]\n"
                                "             expected at f.yaml:1:10\n"
                                "FAIL m.rrd: 1 different; 0 rows as expected");
    expect_boxes("label_matches: \"[ab]( [0-9])?\"", right);
    expect_boxes("label_matches: \"[a-z]\"", "root\n"
                                             "  different  /a\n"
                                             "    label_matches expected \"[a-z]\"\n"
                                             "                  got      [\"a\", \"b 2\"]\n"
                                             "             expected at f.yaml:1:10\n"
                                             "FAIL m.rrd: 1 different; 0 rows as expected");
    expect_boxes("labels: []", "root\n"
                               "  different  /a\n"
                               "    labels       expected []\n"
                               "                 got      [\"a\", \"b 2\"]\n"
                               "             expected at f.yaml:1:10\n"
                               "FAIL m.rrd: 1 different; 0 rows as expected");
}

/* --- Counts and size -------------------------------------------------------------------------- */

static void make_steps(struct recording_maker *maker, int n, int without)
{
    recording_maker_init(maker, FAMILY_ID);
    for (int i = 0; i < n; i++) {
        char text[32];
        snprintf(text, sizeof text, "step %d", i);
        if (i != without) {
            make_text(maker, &(struct made_text){.entity = "/a", .text = text});
        }
    }
}

Test(diff, counts)
{
    struct recording_maker maker;
    make_steps(&maker, 100, -1);
    expect_text(judge(&maker, "expect: [{process: root, entity: /a, count: 100}]"),
                "PASS m.rrd: 100 rows of 1 process as f.yaml says");
    expect_text(judge(&maker, "expect: [{process: root, entity: /a, count: 1000000000}]"),
                "root\n"
                "  missing    999999900 times /a\n"
                "             expected at f.yaml:1:10\n"
                "FAIL m.rrd: 999999900 missing; 100 rows as expected");
    expect_text(judge(&maker, "expect: [{process: root, entity: /a, count: 98}]"),
                "root\n"
                "  extra      /a text \"step 98\"\n"
                "  extra      /a text \"step 99\"\n"
                "FAIL m.rrd: 2 extra; 98 rows as expected");
    recording_maker_done(&maker);
}

/* Texts, one letter each, against entries of root on /a. */
static void expect_letters(const char *letters, const char *entries, const char *expected)
{
    struct recording_maker maker;
    char yaml[1024];
    recording_maker_init(&maker, FAMILY_ID);
    for (const char *letter = letters; *letter != '\0'; letter++) {
        make_text(&maker, &(struct made_text){.entity = "/a", .text = (char[]){*letter, '\0'}});
    }
    snprintf(yaml, sizeof yaml, "expect:\n%s", entries);
    expect_text(judge(&maker, yaml), expected);
    recording_maker_done(&maker);
}

#define ENTRY(text, count) "- {process: root, entity: /a, text: \"" text "\", count: " count "}\n"
#define PASSES(n)          "PASS m.rrd: " n " rows of 1 process as f.yaml says"

Test(diff, counts_that_are_ranges)
{
    static const char entries[] = ENTRY("a", "at least 2") ENTRY("b", "at most 1") ENTRY("c", "1");
    expect_letters("aac", entries, PASSES("3"));
    expect_letters("aaaaabc", entries, PASSES("7"));
    expect_letters("aabbc", entries,
                   "root\n"
                   "  extra      /a text \"b\"\n"
                   "FAIL m.rrd: 1 extra; 4 rows as expected");
    expect_letters("abc", entries,
                   "root\n"
                   "  missing    /a text \"a\"\n"
                   "             at least 2 are expected, 1 is there\n"
                   "             expected at f.yaml:2:3\n"
                   "FAIL m.rrd: 1 missing; 3 rows as expected");
    expect_letters("aaaxaac", entries,
                   "root\n"
                   "  extra      /a text \"x\"\n"
                   "FAIL m.rrd: 1 extra; 6 rows as expected");
    expect_letters("aaaab", entries,
                   "root\n"
                   "  missing    /a text \"c\"\n"
                   "             expected at f.yaml:4:3\n"
                   "FAIL m.rrd: 1 missing; 5 rows as expected");
    expect_letters("aabac", entries,
                   "root\n"
                   "  extra      /a text \"a\"\n"
                   "FAIL m.rrd: 1 extra; 4 rows as expected");
    expect_letters("c", ENTRY("c", "3 to 5"),
                   "root\n"
                   "  missing    2 times /a text \"c\"\n"
                   "             3 to 5 are expected, 1 is there\n"
                   "             expected at f.yaml:2:3\n"
                   "FAIL m.rrd: 2 missing; 1 row as expected");
    expect_letters("cccccc", ENTRY("c", "3 to 5"),
                   "root\n"
                   "  extra      /a text \"c\"\n"
                   "FAIL m.rrd: 1 extra; 5 rows as expected");
}

/* Taking all that fits would leave nothing for the next entry. */
Test(diff, neighbours_that_fit_the_same_rows)
{
    expect_letters("aaaa", ENTRY("a", "at least 1") ENTRY("{x}", "2"), PASSES("4"));
    expect_letters("aaab", ENTRY("{x}", "at least 1") ENTRY("a", "1 to 2") ENTRY("b", "1"),
                   PASSES("4"));
    expect_letters("ab", ENTRY("{x}", "at least 2") ENTRY("b", "1"),
                   "root\n"
                   "  missing    /a text \"b\"\n"
                   "             expected at f.yaml:3:3\n"
                   "FAIL m.rrd: 1 missing; 2 rows as expected");
}

/* A name that two entries share decides where the one ends and the other begins. */
Test(diff, names_decide_who_takes_a_row)
{
    expect_letters("abb", ENTRY("{x}", "1 to 2") ENTRY("{y}", "1 to 2") ENTRY("{x}", "at most 1"),
                   PASSES("3"));
    expect_letters("aab", ENTRY("{x}", "at least 1") ENTRY("{y}", "1") ENTRY("{y}", "at least 0"),
                   PASSES("3"));
}

/* Beyond 64 rows that may be there one slot stands for all, and takes no more than it may. */
Test(diff, wide_ranges)
{
    struct recording_maker maker;
    make_steps(&maker, 1500, -1);
    expect_text(judge(&maker, "expect: [{process: root, entity: /a, count: at least 3}]"),
                PASSES("1500"));
    expect_text(judge(&maker, "expect: [{process: root, entity: /a, count: 3 to 1500}]"),
                PASSES("1500"));
    expect_text(judge(&maker, "expect: [{process: root, entity: /a, count: 1 to 1498}]"),
                "root\n"
                "  extra      /a text \"step 1498\"\n"
                "  extra      /a text \"step 1499\"\n"
                "FAIL m.rrd: 2 extra; 1498 rows as expected");
    expect_text(judge(&maker, "expect: [{process: root, entity: /a, count: at least 1000000000}]"),
                "root\n"
                "  missing    999998500 times /a\n"
                "             at least 1000000000 are expected, 1500 are there\n"
                "             expected at f.yaml:1:10\n"
                "FAIL m.rrd: 999998500 missing; 1500 rows as expected");
    recording_maker_done(&maker);
}

#define FORBID(text) "forbid: [{process: root, entity: /a, text: " text "}]\n"

Test(diff, forbidden_rows)
{
    static const char entries[] = ENTRY("a", "1 to 3") FORBID("x");
    expect_letters("aa", entries, PASSES("2"));
    expect_letters("axx", entries,
                   "root\n"
                   "  forbidden  /a text \"x\"\n"
                   "             forbidden at f.yaml:3:10\n"
                   "  forbidden  /a text \"x\"\n"
                   "             forbidden at f.yaml:3:10\n"
                   "FAIL m.rrd: 2 forbidden; 1 row as expected");
    expect_letters("ay", entries,
                   "root\n"
                   "  extra      /a text \"y\"\n"
                   "FAIL m.rrd: 1 extra; 1 row as expected");
    /* Expected and forbidden: said once. */
    expect_letters("ab", ENTRY("{x}", "2") FORBID("\"b\""),
                   "root\n"
                   "  forbidden  /a text \"b\"\n"
                   "             forbidden at f.yaml:3:10\n"
                   "FAIL m.rrd: 1 forbidden; 2 rows as expected");
}

Test(diff, what_is_forbidden_to_others_is_allowed)
{
    expect_family(&FAMILY_RIGHT,
                  ROWS_OF_ALL "forbid: [{process: child, entity: /task_0},\n"
                              "         {process: program other, entity: \"/{all}\"}]\n",
                  "PASS m.rrd: 8 rows of 4 processes as f.yaml says");
    expect_family(&FAMILY_RIGHT,
                  ROWS_OF_ALL "forbid: [{process: child 2, entity: \"/task_{n}\"}]\n",
                  "child 2 (pid 102)\n"
                  "  forbidden  /task_2 box_xywh [30, 30, 30, 40] label \"task_2\"\n"
                  "             forbidden at f.yaml:6:10\n"
                  "FAIL m.rrd: 1 forbidden; 8 rows as expected");
}

/* What is like an entry is held to its place and count; the rest may be anything. */
Test(diff, others_may_be_allowed)
{
    static const char entries[] = ENTRY("a", "2") ENTRY("b", "1") "others: allowed\n";
    expect_letters("aab", entries, PASSES("3"));
    expect_letters("xayaxbx", entries, PASSES("3") ", 4 others");
    expect_letters("xab", entries,
                   "root\n"
                   "  missing    /a text \"a\"\n"
                   "             expected at f.yaml:2:3\n"
                   "FAIL m.rrd: 1 missing; 2 rows as expected, 1 other");
    expect_letters("aaab", entries,
                   "root\n"
                   "  extra      /a text \"a\"\n"
                   "FAIL m.rrd: 1 extra; 3 rows as expected");
    expect_letters("aba", entries,
                   "root\n"
                   "  misplaced  /a text \"a\"\n"
                   "             is not where the order of the entries has it\n"
                   "             expected at f.yaml:2:3\n"
                   "FAIL m.rrd: 1 misplaced; 2 rows as expected");
    expect_letters("aabx", ENTRY("a", "2") ENTRY("b", "1") FORBID("x") "others: allowed\n",
                   "root\n"
                   "  forbidden  /a text \"x\"\n"
                   "             forbidden at f.yaml:4:10\n"
                   "FAIL m.rrd: 1 forbidden; 3 rows as expected");
}

Test(diff, others_of_processes_that_nobody_knows)
{
    expect_family(&(struct family){.n_children = 3, .has_stray = true},
                  ROWS_OF_ALL "others: allowed\n",
                  "PASS m.rrd: 8 rows of 5 processes as f.yaml says, 1 other");
}

/* A forbidden property does not make the other ones count. */
Test(diff, properties_may_be_forbidden)
{
    struct recording_maker maker;
    recording_maker_init(&maker, FAMILY_ID);
    make_text(&maker, &(struct made_text){.entity = "/a", .text = "x"});
    make_text(&maker, &(struct made_text){.entity = "/__properties/p", .text = "y"});
    expect_text(judge(&maker, "expect: [{process: root, entity: /a}]\n"
                              "forbid: [{process: root, entity: \"/__properties/{n}\", text: z}]"),
                "PASS m.rrd: 1 row of 1 process as f.yaml says");
    expect_text(judge(&maker, "expect: [{process: root, entity: /a}]\n"
                              "forbid: [{process: root, entity: \"/__properties/{n}\", text: y}]"),
                "root\n"
                "  forbidden  /__properties/p text \"y\"\n"
                "             forbidden at f.yaml:2:10\n"
                "FAIL m.rrd: 1 forbidden; 1 row as expected");
    recording_maker_done(&maker);
}

/* What was given up stands beside what else was found. (That it is: test_row_assignment.) */
Test(diff, what_was_not_decided_is_said)
{
    struct recorded_process root = {.name = (char[]){""}, .role = ROLE_ROOT, .birth = 1, .pid = 7};
    const struct recording recording = {.processes = {.n = 1, .processes = &root}};
    struct finding finding = {.kind = FINDING_UNDECIDED, .n = 1};
    const struct match match = {.n = 1, .findings = &finding, .counts[FINDING_UNDECIDED] = 1};
    const struct expectation expectation = {.path = (char[]){"f.yaml"}};
    char *text = NULL;
    size_t size = 0;
    struct terminal terminal = {open_memstream(&text, &size), false, true, 80};
    diff_print(&terminal, &match, &expectation, &recording);
    diff_print_verdict(&terminal, &match, &expectation, &recording, "m.rrd");
    fclose(terminal.out);
    expect_text(text, "root (pid 7)\n"
                      "  undecided  there may be a way to count these rows that was not tried, as "
                      "there are too many;\n"
                      "             write counts as numbers, or let neighbouring entries differ "
                      "more\n"
                      "FAIL m.rrd: 1 undecided; 0 rows as expected");
}

Test(diff, rows_that_need_not_be_there_need_no_process)
{
    expect_family(&FAMILY_RIGHT,
                  ROWS_OF_ALL "  - {process: grandchild, entity: /x, count: at most 2}\n",
                  "PASS m.rrd: 8 rows of 4 processes as f.yaml says");
    expect_family(&FAMILY_RIGHT,
                  ROWS_OF_ALL "  - {process: grandchild, entity: /x, count: at least 1}\n",
                  "grandchild: there is no such process\n"
                  "  missing    /x\n"
                  "             at least 1 are expected, 0 are there\n"
                  "             expected at f.yaml:6:5\n"
                  "FAIL m.rrd: 1 missing; 8 rows as expected");
}

/* The rest of a mistake is not told over and over: rows after it are found in their places. */
Test(diff, one_row_missing_among_many_is_one_finding)
{
    struct recording_maker maker;
    char *yaml = malloc(200 * 64), *end = stpcpy(yaml, "expect:\n");
    for (int i = 0; i < 200; i++) {
        end += sprintf(end, "  - {process: root, entity: /a, text: \"step %d\"}\n", i);
    }
    make_steps(&maker, 200, 77);
    expect_text(judge(&maker, yaml), "root\n"
                                     "  missing    /a text \"step 77\"\n"
                                     "             expected at f.yaml:79:5\n"
                                     "FAIL m.rrd: 1 missing; 199 rows as expected");
    recording_maker_done(&maker);
    free(yaml);
}

/* More rows than are kept: they are counted, and the verdict is the same. */
Test(diff, far_too_many_rows)
{
    struct recording_maker maker;
    make_steps(&maker, 1500, -1);
    char *text = judge(&maker, "expect: [{process: root, entity: /a, text: \"step 0\"}]");
    static const char end[] = "  extra      /a text \"step 50\"\n"
                              "  and 951 findings more\n"
                              "FAIL m.rrd: 1499 extra; 1 row as expected";
    cr_assert(strlen(text) > sizeof end);
    cr_assert_str_eq(text + strlen(text) - strlen(end), end, "%s", text);
    free(text);
    recording_maker_done(&maker);
}

/* Rerun's own properties do not count, unless an entry names them. */
Test(diff, properties_count_when_they_are_named)
{
    struct recording_maker maker;
    recording_maker_init(&maker, FAMILY_ID);
    make_text(&maker, &(struct made_text){.entity = "/a", .text = "x"});
    make_text(&maker, &(struct made_text){.entity = "/__properties/p", .text = "y"});
    expect_text(judge(&maker, "expect: [{process: root, entity: \"/{name}\"}]"),
                "PASS m.rrd: 1 row of 1 process as f.yaml says");
    expect_text(judge(&maker, "expect:\n"
                              "  - {process: root, entity: /a}\n"
                              "  - {process: root, entity: \"/__properties/{n}\", text: z}\n"),
                "root\n"
                "  different  /__properties/p\n"
                "    text         expected \"z\"\n"
                "                 got      \"y\"\n"
                "             expected at f.yaml:3:5\n"
                "FAIL m.rrd: 1 different; 1 row as expected");
    recording_maker_done(&maker);
}

/* What programs log must not steer the terminal of whoever reads the diff. */
Test(diff, texts_are_shown_harmless)
{
    struct recording_maker maker;
    recording_maker_init(&maker, FAMILY_ID);
    make_text(&maker, &(struct made_text){.entity = "/a", .text = "\x1b[2Jgone \"now\"\n\\"});
    expect_text(judge(&maker, "expect: [{process: root, entity: /b}]"),
                "root\n"
                "  missing    /b\n"
                "             expected at f.yaml:1:10\n"
                "  extra      /a text \"\\x1b[2Jgone \\\"now\\\"\\n\\\\\"\n"
                "FAIL m.rrd: 1 missing, 1 extra; 0 rows as expected");
    recording_maker_done(&maker);
}
