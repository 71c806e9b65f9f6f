/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Recordings are read into processes and rows, ours and the official SDK's, whole and damaged. */
#include "harness/verify/recording.h"

#include "tests/unit/verify/family.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Loads what the maker holds, or its first `size` bytes. */
static int load(const struct recording_maker *maker, size_t size, size_t n_rows_kept,
                struct recording *recording, struct rrd_error *error)
{
    struct recording_maker part = *maker;
    const struct recording_options options = {.n_rows_kept = n_rows_kept};
    part.bytes.size = size;
    char *path = recording_maker_save(&part);
    int result = recording_load(recording, path, &options, error);
    unlink(path);
    free(path);
    return result;
}

static void load_all(const struct recording_maker *maker, size_t n_rows_kept,
                     struct recording *recording)
{
    struct rrd_error error = {""};
    cr_assert_eq(load(maker, maker->bytes.size, n_rows_kept, recording, &error), 0, "%s",
                 error.text);
}

static bool is_text(struct string_view text, const char *expected)
{
    return string_view_equal(text, string_view_of(expected));
}

Test(recording, processes_and_rows_are_read)
{
    struct recording_maker maker;
    struct recording recording;
    family_make(&maker, &(struct family){.n_children = 3, .killed = 2});
    load_all(&maker, 100, &recording);
    cr_assert_eq(recording.n_rows, 8);
    cr_assert_eq(recording.processes.n_heads, 4);

    size_t child = recording.processes.by_birth[2];
    const struct recorded_process *process = &recording.processes.processes[child];
    cr_assert_str_eq(process->name, family_name(2));
    cr_assert_eq(process->pid, 102);
    cr_assert_eq(process->parent_pid, 100);
    cr_assert_str_eq(process->made_by, "fork");
    cr_assert_str_eq(process->ended_by, "signal");
    cr_assert_str_eq(process->seen_by, "parent");
    cr_assert_eq(process->status, 9);
    cr_assert_eq(process->rows_logged, 2);
    cr_assert(process->ended_ns > process->began_ns);

    const struct recorded_process *root =
        &recording.processes.processes[recording.processes.by_birth[0]];
    cr_assert_eq(root->args.n, 3);
    cr_assert_str_eq(root->args.texts[2], "_exit");

    const struct row_queue *rows = &recording.rows[child];
    cr_assert_eq(rows->n, 2);
    cr_assert(is_text(rows->rows[0].text, "pid=102, recording rec-7"));
    cr_assert(is_text(rows->rows[0].level, "INFO"));
    cr_assert(is_text(rows->rows[0].recording_id, FAMILY_ID));
    cr_assert(rows->rows[0].has_log_time && !rows->rows[0].has_boxes);
    cr_assert_str_eq(rows->rows[1].entity, "/task_2");
    cr_assert_eq(rows->rows[1].n_boxes, 1);
    cr_assert(rows->rows[1].boxes[0].center[0] == 45);
    cr_assert(is_text(rows->rows[1].labels[0], "task_2"));
    recording_done(&recording);
    recording_maker_done(&maker);
}

Test(recording, rows_are_in_the_order_of_their_ids)
{
    struct recording_maker maker;
    struct recording recording;
    recording_maker_init(&maker, FAMILY_ID);
    make_text(&maker, &(struct made_text){.entity = "/c", .text = "third", .row_id = 30});
    make_text(&maker, &(struct made_text){.entity = "/a", .text = "first", .row_id = 10});
    make_text(&maker, &(struct made_text){.entity = "/b", .text = "second", .row_id = 20});
    load_all(&maker, 2, &recording);
    cr_assert_eq(recording.n_rows, 3);
    cr_assert_eq(recording.rows[0].n, 2);
    cr_assert_eq(recording.rows[0].n_dropped, 1);
    cr_assert(is_text(recording.rows[0].rows[0].text, "first"));
    cr_assert(is_text(recording.rows[0].rows[1].text, "second"));
    recording_done(&recording);
    recording_maker_done(&maker);
}

/* As the viewer does: a chunk id counts once, RowIds are not looked at. */
Test(recording, repeated_chunks_count_once)
{
    struct recording_maker maker;
    struct recording recording;
    recording_maker_init(&maker, FAMILY_ID);
    for (int i = 0; i < 3; i++) {
        maker.next_id = i < 2 ? 500 : 501;
        make_text(&maker, &(struct made_text){.entity = "/a", .text = "x", .row_id = 7});
    }
    load_all(&maker, 10, &recording);
    cr_assert_eq(recording.n_rows, 2);
    cr_assert_eq(recording.n_repeated_chunks, 1);
    recording_done(&recording);
    recording_maker_done(&maker);
}

static bool wants_all(const void *context, struct string_view entity)
{
    (void)context, (void)entity;
    return true;
}

Test(recording, rows_of_rerun_and_lastword_count_when_wanted)
{
    struct recording_maker maker;
    struct recording recording;
    struct rrd_error error = {""};
    recording_maker_init(&maker, FAMILY_ID);
    make_text(&maker, &(struct made_text){.entity = "/__properties", .text = "x"});
    make_text(&maker, &(struct made_text){.entity = "/__properties/y", .text = "x"});
    make_text(&maker, &(struct made_text){.entity = "/lastword/z", .text = "x"});
    make_text(&maker, &(struct made_text){.entity = "/__property", .text = "x"});
    make_text(&maker, &(struct made_text){.entity = "/lastwords", .text = "x"});
    load_all(&maker, 10, &recording);
    cr_assert_eq(recording.n_rows, 2);
    recording_done(&recording);

    char *path = recording_maker_save(&maker);
    const struct recording_options options = {.n_rows_kept = 10, .wants = wants_all};
    cr_assert_eq(recording_load(&recording, path, &options, &error), 0);
    cr_assert_eq(recording.n_rows, 5);
    recording_done(&recording);
    unlink(path);
    free(path);
    recording_maker_done(&maker);
}

/* Wherever the file ends: all whole messages are read, and a cut is told. */
Test(recording, a_cut_file_is_read_as_far_as_it_is_whole)
{
    struct recording_maker maker;
    recording_maker_init(&maker, FAMILY_ID);
    size_t n_before = maker.bytes.size;
    make_text(&maker, &(struct made_text){.entity = "/a", .text = "x"});
    size_t n_one = maker.bytes.size;
    make_text(&maker, &(struct made_text){.entity = "/a", .text = "y"});
    for (size_t size = n_before; size <= maker.bytes.size; size++) {
        struct recording recording;
        struct rrd_error error = {""};
        bool is_end = size == n_before || size == n_one || size == maker.bytes.size;
        cr_assert_eq(load(&maker, size, 10, &recording, &error), 0, "%zu: %s", size, error.text);
        cr_assert_eq(recording.is_cut, !is_end);
        cr_assert_eq(recording.n_rows, size < n_one ? 0u : size < maker.bytes.size ? 1u : 2u);
        if (recording.is_cut) {
            cr_assert_eq(recording.cut_offset, size < n_one ? n_before : n_one);
        }
        recording_done(&recording);
    }
    recording_maker_done(&maker);
}

Test(recording, what_is_no_recording_is_refused)
{
    struct recording recording;
    struct rrd_error error = {""};
    const struct recording_options options = {.n_rows_kept = 10};
    cr_assert_eq(recording_load(&recording, "/no/such.rrd", &options, &error), -ENOENT);
    cr_assert(strstr(error.text, "/no/such.rrd") != NULL, "%s", error.text);
    cr_assert_eq(recording_load(&recording, "/", &options, &error), -EISDIR);
    cr_assert_eq(recording_load(&recording, "/proc/self/exe", &options, &error), -EBADMSG);
    cr_assert(strstr(error.text, "/proc/self/exe") != NULL, "%s", error.text);
}

/* The name says text, the type says otherwise. */
Test(recording, a_component_of_another_type_is_refused)
{
    struct recording_maker maker;
    struct recording recording;
    struct rrd_error error = {""};
    recording_maker_init(&maker, FAMILY_ID);
    make_text(&maker, &(struct made_text){.entity = "/a", .text = "x", .color = 0x01020304});
    /* The colour, a number, takes the name of the level, which is as long. */
    for (size_t i = 0; i + 13 < maker.bytes.size; i++) {
        if (memcmp(maker.bytes.data + i, "TextLog:color", 13) == 0) {
            memcpy(maker.bytes.data + i, "TextLog:level", 13);
        }
    }
    cr_assert_eq(load(&maker, maker.bytes.size, 10, &recording, &error), -EBADMSG);
    cr_assert(strstr(error.text, "a component of another type than its name promises") != NULL,
              "%s", error.text);
    recording_maker_done(&maker);
}

Test(recording, the_official_sdk_is_read)
{
    struct recording recording;
    struct rrd_error error = {""};
    const struct recording_options options = {.n_rows_kept = 10};
    cr_assert_eq(recording_load(&recording, GOLDEN_DIR "/boxes2d_xywh_uncompressed_reframed.rrd",
                                &options, &error),
                 0, "%s", error.text);
    cr_assert_eq(recording.n_rows, 8);
    cr_assert_eq(recording.processes.n_heads, 1);
    cr_assert_eq(recording.processes.processes[0].role, ROLE_ROOT);
    cr_assert(is_text(recording.rows[0].rows[2].text, "Logging from task 1"));
    cr_assert(is_text(recording.rows[0].rows[3].labels[0], "task_1"));
    cr_assert(
        box_matches(&recording.rows[0].rows[3].boxes[0], BOX_XYWH, (double[4]){20, 25, 30, 40}, 0));
    recording_done(&recording);
}
