/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Arrow buffers as rows come in and are taken back; that readers understand them is test_chunk's.
 */
#include "harness/wire/column.h"
#include "sdk/record/builtin.h"
#include "tests/support/batch_data.h"
#include "tests/support/builtin_column.h"

#include <criterion/criterion.h>
#include <errno.h>

static struct column make_builtin(uint32_t id)
{
    struct column column;

    cr_assert_eq(builtin_column_init(&column, id), 0);
    return column;
}

static struct column make_column(const struct datatype_node *nodes, size_t n_nodes)
{
    const struct column_descriptor descriptor = {.component = {"x", 1}};
    struct column column;

    cr_assert_eq(column_init(&column, &descriptor, nodes, n_nodes), 0);
    return column;
}

static void append(struct column *column, struct record_batch_view batch)
{
    cr_assert_eq(column_append(column, &batch), 0);
}

static void expect_offsets(const struct column_node *node, const int32_t *offsets, size_t n)
{
    cr_assert_eq(node->offsets.size, n * sizeof(int32_t));
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(((int32_t *)node->offsets.data)[i], offsets[i], "offset %zu", i);
}

static void expect_text(const struct column *column, const char *text)
{
    cr_assert_eq(column->nodes[0].data.size, strlen(text));
    cr_assert_eq(memcmp(column->nodes[0].data.data, text, strlen(text)), 0);
}

Test(column, texts)
{
    struct column column = make_builtin(BUILTIN_TEXT_LOG_TEXT);
    struct batch_data data;

    append(&column, batch_text(&data, "one"));
    append(&column, batch_texts(&data, (const char *const[]){"", "two", "three"}, 3));
    append(&column, batch_texts(&data, NULL, 0));
    cr_assert_eq(column.rows.length, 3);
    expect_offsets(&column.rows, (int32_t[]){0, 1, 4, 4}, 4);
    expect_offsets(&column.nodes[0], (int32_t[]){0, 3, 3, 6, 11}, 5);
    expect_text(&column, "onetwothree");
    cr_assert_eq(column.rows.validity.size, 0);
    column_done(&column);
}

Test(column, mends_text_that_is_not_utf8)
{
    struct column column = make_builtin(BUILTIN_TEXT_LOG_TEXT);
    struct batch_data data;

    append(&column, batch_texts(&data, (const char *const[]){"ok", "a\xff", "\xc3"}, 3));
    expect_offsets(&column.nodes[0], (int32_t[]){0, 2, 6, 9}, 4);
    expect_text(&column, "oka\xef\xbf\xbd\xef\xbf\xbd");
    /* Valid as a whole, but not each for itself. */
    column_clear(&column);
    append(&column, batch_texts(&data, (const char *const[]){"\xc3", "\xa9"}, 2));
    expect_text(&column, "\xef\xbf\xbd\xef\xbf\xbd");
    column_done(&column);
}

Test(column, bytes_are_not_mended)
{
    const struct datatype_node binary = {.kind = DATATYPE_BINARY, .nullable = 1, .name = "item"};
    struct column column = make_column(&binary, 1);
    struct batch_data data;

    append(&column, batch_text(&data, "\xff\xfe"));
    expect_text(&column, "\xff\xfe");
    column_done(&column);
}

Test(column, null_rows)
{
    struct column column = make_builtin(BUILTIN_TEXT_LOG_COLOR);
    const uint32_t colors[] = {1, 2};
    struct batch_data data;

    for (int i = 0; i < 9; i++)
        append(&column, batch_fixed(&data, colors, 1, 4));
    cr_assert_eq(column.rows.validity.size, 0);
    cr_assert_eq(column_append_null(&column), 0);
    append(&column, batch_fixed(&data, colors, 2, 4));
    cr_assert_eq(column.rows.length, 11);
    cr_assert_eq(column.rows.null_count, 1);
    cr_assert_eq(column.rows.validity.size, 2);
    cr_assert_eq(column.rows.validity.data[0], 0xff);
    cr_assert_eq(column.rows.validity.data[1], 0x05);
    expect_offsets(&column.rows, (int32_t[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 11}, 12);

    column_truncate(&column, 9);
    cr_assert_eq(column.rows.null_count, 0);
    cr_assert_eq(column.rows.validity.size, 0);
    column_done(&column);
}

Test(column, null_values)
{
    struct column column = make_builtin(BUILTIN_TEXT_LOG_COLOR);
    const uint32_t colors[] = {1, 2, 3};
    const uint8_t bits = 0x05;
    struct batch_data data = {.size = 0};
    struct record_batch_view batch;

    batch_put(&data, &bits, 1);
    batch_put(&data, colors, sizeof(colors));
    batch = batch_view(&data, 3);
    batch.has_nulls = true;
    append(&column, batch_fixed(&(struct batch_data){0}, colors, 3, 4));
    append(&column, batch);
    cr_assert_eq(column.nodes[0].length, 6);
    cr_assert_eq(column.nodes[0].null_count, 1);
    cr_assert_eq(column.nodes[0].validity.data[0], 0x2f);
    column_truncate(&column, 1);
    cr_assert_eq(column.nodes[0].null_count, 0);
    cr_assert_eq(column.nodes[0].validity.size, 0);
    column_done(&column);
}

Test(column, booleans)
{
    struct column column = make_builtin(BUILTIN_BOXES2D_SHOW_LABELS);
    static const bool values[] = {true, false, true, true, false, true, true};
    struct batch_data data;

    append(&column, batch_bools(&data, values, 7));
    append(&column, batch_bools(&data, values, 7));
    cr_assert_eq(column.nodes[0].data.size, 2);
    cr_assert_eq(column.nodes[0].data.data[0], 0x6d | 0x80);
    cr_assert_eq(column.nodes[0].data.data[1], 0x36);
    column_truncate(&column, 1);
    cr_assert_eq(column.nodes[0].data.size, 1);
    cr_assert_eq(column.nodes[0].data.data[0], 0x6d);
    column_done(&column);
}

/* List<Struct{Utf8, FixedSizeList<Float32>[2]}>: every kind of child, in one row and taken back. */
static const struct datatype_node nested[] = {
    {.kind = DATATYPE_LIST, .nullable = 1, .n_children = 1, .name = "item"},
    {.kind = DATATYPE_STRUCT, .n_children = 2, .name = "item"},
    {.kind = DATATYPE_UTF8, .name = "name"},
    {.kind = DATATYPE_FIXED_SIZE_LIST, .n_children = 1, .param = 2, .name = "at"},
    {.kind = DATATYPE_FLOAT32, .name = "item"},
};

/* Two lists, of one and two structs. */
static struct record_batch_view nested_batch(struct batch_data *data)
{
    data->size = 0;
    batch_put(data, (uint32_t[]){0, 1, 3}, 12);
    batch_put(data, (uint32_t[]){0, 1, 3, 6}, 16);
    batch_put(data, "abbccc", 6);
    batch_put(data, (float[]){1, 2, 3, 4, 5, 6}, 24);
    return batch_view(data, 2);
}

static void expect_nested_rows(const struct column *column, uint64_t n)
{
    cr_assert_eq(column->rows.length, n);
    cr_assert_eq(column->nodes[0].length, 2 * n);
    cr_assert_eq(column->nodes[1].length, 3 * n);
    cr_assert_eq(column->nodes[2].length, 3 * n);
    cr_assert_eq(column->nodes[2].data.size, 6 * n);
    cr_assert_eq(column->nodes[3].length, 3 * n);
    cr_assert_eq(column->nodes[4].length, 6 * n);
    cr_assert_eq(column->nodes[4].data.size, 24 * n);
}

Test(column, nested_types)
{
    struct column column = make_column(nested, 5);
    struct batch_data data;

    append(&column, nested_batch(&data));
    append(&column, nested_batch(&data));
    expect_nested_rows(&column, 2);
    expect_offsets(&column.nodes[0], (int32_t[]){0, 1, 3, 4, 6}, 5);
    expect_offsets(&column.nodes[2], (int32_t[]){0, 1, 3, 6, 7, 9, 12}, 7);
    column_truncate(&column, 1);
    expect_nested_rows(&column, 1);
    append(&column, nested_batch(&data));
    expect_nested_rows(&column, 2);
    column_clear(&column);
    expect_nested_rows(&column, 0);
    column_done(&column);
}

static const struct datatype_node unions[] = {
    {.kind = DATATYPE_STRUCT, .nullable = 1, .n_children = 2, .name = "item"},
    {.kind = DATATYPE_DENSE_UNION, .nullable = 1, .n_children = 2, .name = "dense"},
    {.kind = DATATYPE_UINT8, .code = 7, .name = "byte"},
    {.kind = DATATYPE_LARGE_UTF8, .code = 1, .name = "text"},
    {.kind = DATATYPE_SPARSE_UNION, .nullable = 1, .n_children = 1, .name = "sparse"},
    {.kind = DATATYPE_UINT8, .code = 3, .name = "byte"},
};

/* Bytes 'a' and 'b', text "one", of which byte 'a' comes last. */
static struct record_batch_view union_batch(struct batch_data *data)
{
    data->size = 0;
    batch_put(data, "\7\1\7", 3);
    batch_put(data, (uint32_t[]){1, 0, 0}, 12);
    batch_put(data, "ab", 2);
    batch_put(data, (uint32_t[]){0, 3}, 8);
    batch_put(data, "one", 3);
    batch_put(data, "\3\3\3", 3);
    batch_put(data, "xyz", 3);
    return batch_view(data, 3);
}

static void expect_union_rows(const struct column *column, uint64_t n)
{
    cr_assert_eq(column->rows.length, n);
    for (uint32_t i = 0; i < 6; i++)
        cr_assert_eq(column->nodes[i].length, (i == 2 ? 2 : i == 3 ? 1 : 3) * n, "node %u", i);
    cr_assert_eq(column->nodes[1].data.size, 3 * n);
    cr_assert_eq(column->nodes[1].offsets.size, 12 * n);
    cr_assert_eq(column->nodes[2].data.size, 2 * n);
    cr_assert_eq(column->nodes[3].data.size, 3 * n);
    cr_assert_eq(column->nodes[4].data.size, 3 * n);
    cr_assert_eq(column->nodes[5].data.size, 3 * n);
}

Test(column, dense_unions_count_on)
{
    struct column column = make_column(unions, 6);
    struct batch_data data;

    append(&column, union_batch(&data));
    append(&column, union_batch(&data));
    expect_union_rows(&column, 2);
    expect_offsets(&column.nodes[1], (int32_t[]){1, 0, 0, 3, 1, 2}, 6);
    column_truncate(&column, 1);
    expect_union_rows(&column, 1);
    append(&column, union_batch(&data));
    expect_offsets(&column.nodes[1], (int32_t[]){1, 0, 0, 3, 1, 2}, 6);
    column_clear(&column);
    expect_union_rows(&column, 0);
    column_done(&column);
}

Test(column, a_union_that_fails_leaves_no_trace)
{
    struct batch_data data;
    int n_failures = 0;

    for (uint32_t node = 0; node < 6; node++) {
        for (size_t limit = 4; limit < 40; limit++) {
            struct column column = make_column(unions, 6);
            struct record_batch_view batch = union_batch(&data);
            uint64_t n = 0;

            column.nodes[node].offsets.limit = limit;
            column.nodes[node].data.limit = limit;
            while (n < 10 && column_append(&column, &batch) == 0)
                n++;
            expect_union_rows(&column, n);
            n_failures += n < 10;
            column_done(&column);
        }
    }
    cr_assert_gt(n_failures, 100);
}

/* Whichever buffer is the one that cannot grow, the row leaves no trace. */
Test(column, a_row_that_fails_leaves_no_trace)
{
    struct batch_data data;
    int n_failures = 0;

    for (uint32_t node = 0; node < 5; node++) {
        for (size_t limit = 4; limit < 70; limit++) {
            struct column column = make_column(nested, 5);
            struct record_batch_view batch = nested_batch(&data);
            uint64_t n = 0;

            column.nodes[node].offsets.limit = limit;
            column.nodes[node].data.limit = limit;
            while (n < 10 && column_append(&column, &batch) == 0)
                n++;
            expect_nested_rows(&column, n);
            n_failures += n < 10;
            column_done(&column);
        }
    }
    cr_assert_gt(n_failures, 150);
}

Test(column, refuses_data_that_do_not_fit_the_type)
{
    struct column column = make_builtin(BUILTIN_BOXES2D_CENTERS);
    struct batch_data data;
    struct record_batch_view batch = batch_fixed(&data, NULL, 3, 8);

    batch.n_instances = 4;
    cr_assert_eq(column_append(&column, &batch), -EBADMSG);
    cr_assert_eq(column.rows.length, 0);
    column_done(&column);
}

/* A column has a limit; the batch's own size counts before anything is copied. */
Test(column, refuses_too_much)
{
    struct column column = make_builtin(BUILTIN_BOXES2D_CENTERS);
    struct record_batch_view batch = {.n_instances = 1 << 26, .size = 1 << 29};

    batch.data = calloc(1, batch.size);
    cr_assert_not_null(batch.data);
    cr_assert_eq(column_append(&column, &batch), 0);
    cr_assert_eq(column_append(&column, &batch), -E2BIG);
    cr_assert_eq(column.rows.length, 1);
    cr_assert_eq(column_size(&column), batch.size + 2 * sizeof(int32_t));
    free((void *)(uintptr_t)batch.data);
    column_done(&column);
}

Test(column, refuses_bad_names_and_types)
{
    const struct datatype_node *type = builtin_component_find(BUILTIN_TEXT_LOG_TEXT)->nodes;
    struct column_descriptor descriptor = {.component = {"", 0}};
    struct column column;

    cr_assert_eq(column_init(&column, &descriptor, type, 1), -EINVAL);
    descriptor.component = (struct string_view){"a\0b", 3};
    cr_assert_eq(column_init(&column, &descriptor, type, 1), -EINVAL);
    descriptor.component = string_view_of("a");
    cr_assert_eq(column_init(&column, &descriptor, type, 0), -EBADMSG);
    column_done(NULL);
}

Test(column, copies_its_descriptor)
{
    char name[] = "bad\xff name";
    const struct column_descriptor descriptor = {.component = string_view_of(name)};
    const struct datatype_node *type = builtin_component_find(BUILTIN_TEXT_LOG_TEXT)->nodes;
    struct column column;

    cr_assert_eq(column_init(&column, &descriptor, type, 1), 0);
    memset(name, 'x', sizeof(name));
    cr_assert_str_eq(column.descriptor.component.data, "bad\xef\xbf\xbd name");
    cr_assert_eq(column.descriptor.archetype.size, 0);
    column_done(&column);
}
