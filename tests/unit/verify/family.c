/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "tests/unit/verify/family.h"

#include <stdio.h>

const char family_yaml[] =
    "ends:   {root: return 0, 3 children: _exit 0}\n"
    "expect:\n"
    "  - {process: root, entity: /log, text: \"pid={pid}, recording {recording_id}\"}\n"
    "  - {process: root, entity: /task_0, box_xywh: [5, 5, 80, 80], label: task_0}\n"
    "  - {process: child, entity: /log, text: \"pid={pid}, recording {recording_id}\"}\n"
    "  - {process: child 1, entity: /task_1, box_xywh: [20, 25, 30, 40], label: task_1}\n"
    "  - {process: child 2, entity: /task_2, box_xywh: [30, 30, 30, 40], label: task_2}\n"
    "  - {process: child 3, entity: /task_3, box_xywh: [40, 35, 30, 40], label: task_3}\n";

const char *family_name(int i)
{
    static const char *const names[] = {"00000000000000aa.1", "00000000000000aa.2",
                                        "00000000000000aa.3", "00000000000000aa.4",
                                        "00000000000000aa.5", "00000000000000bb.1"};
    return names[i];
}

#define GRANDCHILD 4
#define IMAGE      5

static void log_text(struct recording_maker *maker, const struct family *family, int i)
{
    char text[64];
    snprintf(text, sizeof text, "pid=%d, recording " FAMILY_ID,
             i == family->other_text_of && i > 0 ? 99 : 100 + i);
    make_text(maker,
              &(struct made_text){
                  .process = family_name(i), .entity = "/log", .text = text, .level = "INFO"});
}

static void log_box(struct recording_maker *maker, const struct family *family, int i)
{
    const float first[4] = {5, 5, 80, 80};
    float box[4] = {(float)(10 + 10 * i), (float)(20 + 5 * i), 30, 40};
    char entity[32], label[32];
    bool is_other = i > 0 && i == family->other_box_of;

    snprintf(entity, sizeof entity, "/task_%d", i);
    snprintf(label, sizeof label, is_other ? "other" : "task_%d", i);
    box[2] += is_other ? 1 : 0;
    make_box(maker, family_name(i), entity, i == 0 ? first : box, label);
}

static void log_rows(struct recording_maker *maker, const struct family *family, int i)
{
    bool is_swapped = i > 0 && i == family->swap_of;
    if (is_swapped) {
        log_box(maker, family, i);
    }
    if (i == 0 || i != family->skip_text_of) {
        log_text(maker, family, i);
    }
    if (!is_swapped && (i == 0 || i != family->skip_box_of)) {
        log_box(maker, family, i);
    }
    if (i > 0 && i == family->extra_of) {
        make_text(maker, &(struct made_text){
                             .process = family_name(i), .entity = "/log", .text = "once more"});
    }
}

static void make_child(struct recording_maker *maker, int i, int parent)
{
    make_process(maker, &(struct made_process){
                            .name = family_name(i),
                            .pid = 100 + i,
                            .parent_pid = 100 + parent,
                            .parent = family_name(parent),
                            .made_by = "fork",
                            .executable = "/usr/bin/multiprocess",
                        });
}

static void end_child(struct recording_maker *maker, const struct family *family, int i)
{
    bool is_killed = i == family->killed, is_exec = family->is_exec && i == 3;
    int n_rows = i == GRANDCHILD ? 1 : 2;
    make_end(maker, &(struct made_end){
                        .name = family_name(i),
                        .ended_by = is_killed ? "signal"
                                    : is_exec ? "exec"
                                              : "_exit",
                        .seen_by = is_killed ? "parent" : "process",
                        .target = is_exec ? "/bin/true" : "",
                        .status = is_killed ? 9 : 0,
                        .rows_logged = i == family->lossy ? 5 : n_rows,
                        .rows_stored = n_rows,
                    });
}

static void make_image(struct recording_maker *maker)
{
    make_process(maker, &(struct made_process){
                            .name = family_name(IMAGE),
                            .pid = 103,
                            .parent_pid = 100,
                            .parent = family_name(0),
                            .image_of = family_name(3),
                            .made_by = "exec",
                            .executable = "/bin/true",
                            .args = {"true"},
                        });
    make_end(maker, &(struct made_end){.name = family_name(IMAGE),
                                       .ended_by = "exit",
                                       .seen_by = "process",
                                       .target = "",
                                       .status = 0});
}

/* Beginnings come in the order of birth, ends with the children first. */
static void make_lives(struct recording_maker *maker, const struct family *family)
{
    make_process(maker, &(struct made_process){
                            .name = family_name(0),
                            .pid = 100,
                            .parent_pid = 99,
                            .parent = "",
                            .made_by = "run",
                            .executable = "/usr/bin/multiprocess",
                            .args = {"build/scenarios/multiprocess", "--end", "_exit"},
                        });
    for (int i = 1; i <= family->n_children; i++) {
        make_child(maker, i, 0);
    }
    if (family->has_grandchild) {
        make_child(maker, GRANDCHILD, 1);
        end_child(maker, family, GRANDCHILD);
    }
    for (int i = 1; i <= family->n_children; i++) {
        end_child(maker, family, i);
    }
    if (family->is_exec) {
        make_image(maker);
    }
    make_end(maker, &(struct made_end){.name = family_name(0),
                                       .ended_by = "return",
                                       .seen_by = "process",
                                       .target = "",
                                       .status = 0,
                                       .rows_logged = 2,
                                       .rows_stored = 2});
}

void family_make(struct recording_maker *maker, const struct family *family)
{
    recording_maker_init(maker, FAMILY_ID);
    for (int i = 0; i <= family->n_children && !family->has_no_rows; i++) {
        log_rows(maker, family, i);
    }
    if (family->has_grandchild) {
        make_text(maker, &(struct made_text){.process = family_name(GRANDCHILD),
                                             .entity = "/deep",
                                             .text = "deep"});
    }
    if (family->has_stray) {
        make_text(maker, &(struct made_text){
                             .process = "00000000000000ff.1", .entity = "/log", .text = "stray"});
    }
    if (!family->has_no_processes) {
        make_lives(maker, family);
    }
}
