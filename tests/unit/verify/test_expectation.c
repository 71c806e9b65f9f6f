/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Expectation files: what they say is read, and each way of saying it wrongly is refused by place.
 */
#include "harness/verify/expectation.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse(struct expectation *expectation, const char *text,
                 char fault[static YAML_FAULT_SIZE])
{
    return expectation_parse(expectation, "f", text, strlen(text), fault);
}

static void expect_fault(const char *text, const char *expected)
{
    struct expectation expectation;
    char fault[YAML_FAULT_SIZE];
    cr_assert_eq(parse(&expectation, text, fault), -EINVAL, "%s", text);
    cr_assert_str_eq(fault, expected);
}

static const char scenario[] =
    "about:   Rerun's multiprocessing pattern\n"
    "run:     [python3, multiprocess_official.py]   # looked for in this folder\n"
    "within:  20s\n"
    "ends:    {root: exit 0, child: _exit 0, child 2: SIGKILL}\n"
    "expect:\n"
    "  - {process: child, entity: /log, text: \"pid={pid}, id {recording_id}\", level: INFO, "
    "color: \"#ff8000\"}\n"
    "  - {process: 3 children, entity: \"/task_{n}\", box_xywh: [20, 25, 30, 40], label: "
    "\"task_{n}\"}\n"
    "  - process: grandchild 2\n"
    "    entity: boxes\n"
    "    box_xcycw2h2: [[1, 2, 3, 4], [5.5, 6, 7, 8e1]]\n"
    "    labels: [a, \"\"]\n"
    "    tolerance: 0\n"
    "    count: 7\n"
    "lost:    [child]\n";

Test(expectation, a_scenario_is_read)
{
    struct expectation expectation;
    char fault[YAML_FAULT_SIZE] = "";
    cr_assert_eq(parse(&expectation, scenario, fault), 0, "%s", fault);
    cr_assert_str_eq(expectation.about, "Rerun's multiprocessing pattern");
    cr_assert_eq(expectation.n_endings, 3);
    cr_assert_eq(expectation.endings[0].selector.role, ROLE_ROOT);
    cr_assert_str_eq(expectation.endings[1].ending.by, "_exit");
    cr_assert_eq(expectation.endings[2].selector.birth, 2);
    cr_assert_eq(expectation.endings[2].ending.status, SIGKILL);
    cr_assert_eq(expectation.endings[2].place.line, 4);
    cr_assert_eq(expectation.endings[2].place.column, 41);

    cr_assert_eq(expectation.n_rows, 3);
    const struct expected_row *text = &expectation.rows[0];
    cr_assert_eq(text->place.line, 6);
    cr_assert_eq(text->place.column, 5);
    cr_assert_str_eq(text->text.source, "pid={pid}, id {recording_id}");
    cr_assert_str_eq(text->level, "INFO");
    cr_assert(text->has_color && text->color == 0xff8000ff);
    cr_assert(!text->has_boxes && !text->has_labels);
    cr_assert(text->min_count == 1 && text->max_count == 1);

    const struct expected_row *box = &expectation.rows[1];
    cr_assert_eq(box->selector.n_processes, 3);
    cr_assert_eq(box->n_boxes, 1);
    cr_assert_eq(box->box_format, BOX_XYWH);
    cr_assert(box->boxes[0][3] == 40 && box->tolerance == EXPECTATION_TOLERANCE);
    cr_assert_eq(box->n_labels, 1);

    const struct expected_row *boxes = &expectation.rows[2];
    cr_assert_eq(boxes->box_format, BOX_XCYCW2H2);
    cr_assert_eq(boxes->n_boxes, 2);
    cr_assert(boxes->boxes[1][0] == 5.5 && boxes->boxes[1][3] == 80);
    cr_assert(boxes->tolerance == 0);
    cr_assert_eq(boxes->n_labels, 2);
    cr_assert_str_eq(boxes->labels[1].source, "");
    cr_assert(boxes->min_count == 7 && boxes->max_count == 7);
    expectation_done(&expectation);
}

/* {n} in one entry may differ from row to row; {k} ties two entries together. */
Test(expectation, names_of_several_entries_are_shared)
{
    struct expectation expectation;
    char fault[YAML_FAULT_SIZE] = "";
    cr_assert_eq(parse(&expectation,
                       "expect:\n"
                       "  - {process: child, entity: \"/t{n}\", text: \"{n} {k} {tid} {pid}\"}\n"
                       "  - {process: child, entity: /b, labels: [x, \"{k} {tid} {pid}\"]}\n",
                       fault),
                 0, "%s", fault);
    cr_assert_not(expectation.is_shared[PLACEHOLDER_FIRST_FREE]);
    cr_assert(expectation.is_shared[PLACEHOLDER_FIRST_FREE + 1]);
    cr_assert_not(expectation.is_shared[PLACEHOLDER_TID]);
    expectation_done(&expectation);
}

Test(expectation, each_box_format_has_its_key)
{
    for (enum box_format format = BOX_XYWH; format < BOX_N_FORMATS; format++) {
        struct expectation expectation;
        char text[128], fault[YAML_FAULT_SIZE] = "";
        snprintf(text, sizeof text, "expect: [{process: root, entity: /b, %s: [1, 2, 3, 4]}]",
                 box_format_key(format));
        cr_assert_eq(parse(&expectation, text, fault), 0, "%s", fault);
        cr_assert_eq(expectation.rows[0].box_format, format);
        expectation_done(&expectation);
    }
}

Test(expectation, colours_have_three_forms)
{
    static const struct {
        const char *text;
        uint32_t color;
    } forms[] = {
        {"\"#010203\"", 0x010203ff}, {"\"#01020304\"", 0x01020304}, {"0xFF00fF01", 0xff00ff01}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct expectation expectation;
        char text[128], fault[YAML_FAULT_SIZE] = "";
        snprintf(text, sizeof text, "expect: [{process: root, entity: /b, color: %s}]",
                 forms[i].text);
        cr_assert_eq(parse(&expectation, text, fault), 0, "%s", fault);
        cr_assert_eq(expectation.rows[0].color, forms[i].color);
        expectation_done(&expectation);
    }
}

Test(expectation, rows_may_be_forbidden_and_others_allowed)
{
    struct expectation expectation;
    char fault[YAML_FAULT_SIZE] = "";
    cr_assert_eq(parse(&expectation,
                       "expect: [{process: root, entity: /b, text: \"{n}\"}]\n"
                       "forbid:\n"
                       "  - {process: child, entity: \"/e{n}\", labels: [a, b]}\n"
                       "  - {process: program x 2, entity: /f}\n"
                       "others: allowed\n",
                       fault),
                 0, "%s", fault);
    cr_assert_eq(expectation.n_forbidden, 2);
    cr_assert_eq(expectation.forbidden[0].n_labels, 2);
    cr_assert_str_eq(expectation.forbidden[1].selector.program, "x");
    cr_assert(expectation.allows_others);
    cr_assert_not(expectation.is_shared[PLACEHOLDER_FIRST_FREE], "forbid ties no names");
    expectation_done(&expectation);
    cr_assert_eq(
        parse(&expectation, "others: refused\nexpect: [{process: root, entity: /b}]", fault), 0);
    cr_assert_not(expectation.allows_others);
    expectation_done(&expectation);
}

/* An entry of `forbid` has no count; its keys are all told. */
Test(expectation, a_forbidden_entry_has_no_count)
{
    struct expectation expectation;
    char fault[YAML_FAULT_SIZE] = "";
    cr_assert_eq(parse(&expectation, "forbid: [{process: root, entity: /a, count: 2}]", fault),
                 -EINVAL);
    cr_assert(strstr(fault, "f:1:38: an entry of forbid has no key 'count'; there are process, ") ==
                  fault,
              "%s", fault);
    cr_assert(strstr(fault, ", tolerance") + strlen(", tolerance") == fault + strlen(fault), "%s",
              fault);
}

Test(expectation, counts_may_be_ranges)
{
    static const struct {
        const char *text;
        uint64_t min, max;
    } forms[] = {{"3", 3, 3},
                 {"3 to 5", 3, 5},
                 {"3 to 3", 3, 3},
                 {"0 to 1", 0, 1},
                 {"at least 0", 0, COUNT_UNLIMITED},
                 {"at least 1000000000", 1000000000, COUNT_UNLIMITED},
                 {"at most 5", 0, 5}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct expectation expectation;
        char text[128], fault[YAML_FAULT_SIZE] = "";
        snprintf(text, sizeof text, "expect: [{process: root, entity: /b, count: %s}]",
                 forms[i].text);
        cr_assert_eq(parse(&expectation, text, fault), 0, "%s", fault);
        cr_assert_eq(expectation.rows[0].min_count, forms[i].min, "%s", forms[i].text);
        cr_assert_eq(expectation.rows[0].max_count, forms[i].max, "%s", forms[i].text);
        expectation_done(&expectation);
    }
}

Test(expectation, faults_of_the_file)
{
    expect_fault("about: x", "f:1:1: a file of expectations needs the key 'expect'");
    expect_fault("expects: []",
                 "f:1:1: a file of expectations has no key 'expects'; did you mean 'expect'?");
    expect_fault("expect: []", "f:1:9: must have at least one entry: a file that expects nothing "
                               "proves nothing");
    expect_fault("expect: {process: root}",
                 "f:1:9: must be a list of entries, each beginning with '- '");
    expect_fault("expect: [x]", "f:1:10: an entry of expect must be a mapping (key: value), this "
                                "is a single value");
    expect_fault("run: python3", "f:1:6: must be a list, this is a single value");
    expect_fault("run: []", "f:1:6: must be a list of 1 to 4096, this has 0");
    expect_fault("run: [[a]]", "f:1:7: must be a single value, this is a list");
    expect_fault("within: 20",
                 "f:1:9: must be a time with its unit (500ms, 20s, 2m, 1h), not '20'");
    expect_fault("lost: [parent]", "f:1:8: 'parent' is no process; write root, child, grandchild, "
                                   "'child 2', '3 children' or 'program NAME'");
    expect_fault("others: maybe", "f:1:9: must be 'allowed' or 'refused', not 'maybe'");
    expect_fault("other: allowed",
                 "f:1:1: a file of expectations has no key 'other'; did you mean 'others'?");
    expect_fault("forbid: []", "f:1:9: must be a list of 1 to 10000, this has 0");
    expect_fault("forbid: x", "f:1:9: must be a list, this is a single value");
    expect_fault("forbid: [{process: root, entity: /a, txt: b}]",
                 "f:1:38: an entry of forbid has no key 'txt'; did you mean 'text'?");
    expect_fault("forbid: [{process: root}]", "f:1:10: an entry of forbid needs the key 'entity'");
    expect_fault("forbid: [{process: 2 programs a, entity: /a}]",
                 "f:1:10: forbid counts no processes: write 'child' or 'program NAME', not '2 "
                 "programs a'");
    expect_fault("ends: [exit]", "f:1:7: must be a mapping like {root: exit 0, child: _exit 0}");
    expect_fault("ends: {}", "f:1:7: must have 1 to 1000 entries");
    expect_fault("ends: {root: exit 0, root: exit 1}", "f:1:22: 'root' stands here twice");
    expect_fault("ends: {child: exit 0, 3 children: exit 1}",
                 "f:1:23: '3 children' stands here twice");
    expect_fault("ends: {program a: exit 0, 2 programs a: exit 1}",
                 "f:1:27: '2 programs a' stands here twice");
    expect_fault("ends: {root: dies}",
                 "f:1:14: 'dies' is no ending; write return, exit N, _exit N, _Exit N, quick_exit "
                 "N, abort, exec, SIGNAME, daemon or running");
}

/* All entries begin at column 10 of line 1. */
static void expect_row_fault(const char *entry, const char *expected)
{
    char text[256], fault[YAML_FAULT_SIZE];
    snprintf(text, sizeof text, "expect: [{process: root, entity: /e, %s}]", entry);
    snprintf(fault, sizeof fault, "f:1:%s", expected);
    expect_fault(text, fault);
}

Test(expectation, faults_of_an_entry)
{
    expect_fault("expect: [{entity: /e}]", "f:1:10: an entry of expect needs the key 'process'");
    expect_fault("expect: [{process: root}]", "f:1:10: an entry of expect needs the key 'entity'");
    expect_row_fault("txet: x", "38: an entry of expect has no key 'txet'; did you mean 'text'?");
    expect_row_fault("entity: /x", "38: 'entity' stands here twice");
    expect_row_fault("text: \"{\"",
                     "44: '{' must begin a placeholder like {n} (letters, digits and '_', up to "
                     "32); write '{{' for the character itself");
    expect_row_fault("text: [a]", "44: must be a single value, this is a list");
    expect_row_fault("color: red",
                     "45: 'red' is no colour; write \"#rrggbb\", \"#rrggbbaa\" or 0xrrggbbaa");
    expect_row_fault("color: 0xff0000",
                     "45: '0xff0000' is no colour; write \"#rrggbb\", \"#rrggbbaa\" or 0xrrggbbaa");
    expect_row_fault("box_xywh: 5", "48: must be a box of four numbers or a list of such boxes");
    expect_row_fault("box_xywh: []", "48: must be a list of 4, this has 0");
    expect_row_fault("box_xywh: [1, 2, 3]", "48: must be a list of 4, this has 3");
    expect_row_fault("box_xywh: [1, 2, 3, 4x]", "58: must be a number, not '4x'");
    expect_row_fault("box_xywh: [[1, 2, 3, 4], 5]", "63: must be a list, this is a single value");
    expect_row_fault("box_xywh: [1, 2, 3, 4], box_xyxy: [1, 2, 3, 4]",
                     "72: the boxes of an entry are written in one format, not two");
    expect_row_fault("label: a, labels: [a]", "56: write 'label' or 'labels', not both");
    expect_row_fault("text: a, text_matches: a", "10: write 'text' or 'text_matches', not both");
    expect_row_fault("text_matches: a, label: b", "10: text and boxes are rows of their own: write "
                                                  "two entries");
    expect_row_fault("label: a, label_matches: a",
                     "10: write 'label' or 'label_matches', not both");
    expect_row_fault("labels: [], label_matches: a",
                     "10: write 'labels' or 'label_matches', not both");
    expect_row_fault("text: a, label_matches: a", "10: text and boxes are rows of their own: write "
                                                  "two entries");
    expect_row_fault("label_matches: (a", "53: no POSIX extended regular expression: Unmatched ( "
                                          "or \\(");
    expect_row_fault("text_matches: \"\"", "52: must not be empty");
    expect_row_fault("text_matches: (a", "52: no POSIX extended regular expression: Unmatched ( or "
                                         "\\(");
    expect_row_fault("text_matches: \"(a)\\\\1\"",
                     "52: back-references (\\1) are not allowed: they can take forever");
    expect_row_fault("at: 3", "42: must be a mapping like {frame: 3, sim_time: 0.5s}");
    expect_row_fault("at: {}", "42: must have 1 to 64 timelines");
    expect_row_fault("at: {frame: 3, frame: 4}", "53: 'frame' stands here twice");
    expect_row_fault("at: {frame: three}",
                     "50: 'three' is no time; write 42, 0.5s (ns, us, ms, s) or "
                     "2026-01-31T12:00:00Z, or of one of these a range, 'at least A', 'at most B' "
                     "or 'A to B'");
    expect_row_fault("at: {frame: 3 to 2}", "50: '3 to 2': the first time is the later one");
    expect_row_fault("at: {frame: 3 to 4s}",
                     "50: '3 to 4s' is no time; write 42, 0.5s (ns, us, ms, s) or "
                     "2026-01-31T12:00:00Z, or of one of these a range, 'at least A', 'at most B' "
                     "or 'A to B'");
    expect_row_fault("at: {frame: [3]}", "50: must be a single value, this is a list");
    expect_row_fault("static: yes", "46: must be true or false, not 'yes'");
    expect_row_fault("static: true, at: {frame: 3}",
                     "10: 'at' speaks of times, and static rows have none");
    expect_row_fault("recording: \"{\"",
                     "49: '{' must begin a placeholder like {n} (letters, digits and '_', up to "
                     "32); write '{{' for the character itself");
    expect_row_fault("recordin: a", "38: an entry of expect has no key 'recordin'; did you mean "
                                    "'recording'?");
    expect_row_fault("text: a, label: b", "10: text and boxes are rows of their own: write two "
                                          "entries");
    expect_row_fault("tolerance: 1", "10: 'tolerance' is of box numbers, and this entry has none");
    expect_row_fault("tolerance: -1", "49: must not be negative");
    static const char *const no_counts[] = {"0",          "-1",         "3x",          "three",
                                            "at most 0",  "at least",   "at least -1", "0 to 0",
                                            "1000000001", "at least 3x"};
    for (size_t i = 0; i < sizeof no_counts / sizeof no_counts[0]; i++) {
        char entry[64], fault[160];
        snprintf(entry, sizeof entry, "count: %s", no_counts[i]);
        snprintf(fault, sizeof fault,
                 "45: must be a whole number from 1 to 1000000000, 'at least 3', 'at most 5' or '3 "
                 "to 5', not '%s'",
                 no_counts[i]);
        expect_row_fault(entry, fault);
    }
    expect_row_fault("count: 5 to 3", "45: '5 to 3': the first number is the larger one");
}

Test(expectation, limits_hold)
{
    size_t n = EXPECTATION_MAX_ROWS + 1;
    char *text = malloc(n * 8 + 64);
    char *end = stpcpy(text, "expect: [");
    for (size_t i = 0; i < n; i++) {
        end = stpcpy(end, "{},");
    }
    strcpy(end, "]");
    expect_fault(text, "f:1:9: has 10001 entries, of at most 10000");
    free(text);
}

Test(expectation, a_missing_file_says_so)
{
    struct expectation expectation;
    char fault[YAML_FAULT_SIZE];
    cr_assert_eq(expectation_load(&expectation, "/no/such.yaml", 0, fault), -ENOENT);
    cr_assert_str_eq(fault, "/no/such.yaml: cannot be read: No such file or directory");
}
