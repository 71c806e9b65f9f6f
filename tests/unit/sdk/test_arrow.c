/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Arrow arrays become batches: every kind, with offsets at every level and nulls; and arrays that
 * do not fit their type are refused.
 */
#include "sdk/arrow.h"

#include "arrow_build.h"
#include "fake_spool.h"

#include <criterion/criterion.h>
#include <string.h>

/* The batch of the last array that was written. */
static struct record_batch_view batch;
static const uint8_t *at;

#define NODE(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__, .name = "item"                                                                \
    }

/* Writes the array and reads the batch back. */
static void write_array(const struct datatype_node *nodes, const struct built_array *built)
{
    struct arrow_batch arrow = {.array = &built->array, .nodes = nodes};
    const char *problem = arrow_measure(&arrow);
    struct record_batch head;
    struct spool_cursor cursor;

    cr_assert(problem == NULL, "%s", problem);
    cr_assert_eq(lastword_spool_v1.begin(&cursor, RECORD_ROW, 0, arrow.size), 0);
    arrow_put(&cursor, &arrow);
    cr_assert_eq(lastword_spool_v1.end(&cursor), 0);
    at = fake_record_at(RECORD_ROW, fake_count(RECORD_ROW) - 1)->payload;
    memcpy(&head, at, sizeof(head));
    at += sizeof(head);
    cr_assert_eq(head.size + sizeof(head), arrow.size);
    batch = (struct record_batch_view){
        .n_instances = head.n_instances & ~BATCH_HAS_NULLS,
        .has_nulls = (head.n_instances & BATCH_HAS_NULLS) != 0,
        .size = head.size,
        .data = at,
    };
    cr_assert_eq(batch.n_instances, built->array.length);
    cr_assert_eq(record_batch_check(&batch, nodes), 0);
}

/* The next buffer of the batch holds these bytes, and zeros up to a multiple of 8. */
static void assert_buffer(const void *expected, size_t size)
{
    static const uint8_t zeros[8];

    cr_assert_eq(memcmp(at, expected, size), 0);
    cr_assert_eq(memcmp(at + size, zeros, -size & 7), 0);
    at += (size + 7) & ~(size_t)7;
}

static void assert_end(void)
{
    cr_assert_eq(at - (const uint8_t *)batch.data, batch.size);
}

/* --- Kinds -------------------------------------------------------------------- */

Test(arrow, values_of_every_width)
{
    static const struct {
        uint8_t kind;
        uint32_t param;
        size_t size;
    } cases[] = {
        {DATATYPE_INT8, 0, 1},        {DATATYPE_UINT8, 0, 1},
        {DATATYPE_INT16, 0, 2},       {DATATYPE_UINT16, 0, 2},
        {DATATYPE_INT32, 0, 4},       {DATATYPE_UINT32, 0, 4},
        {DATATYPE_INT64, 0, 8},       {DATATYPE_UINT64, 0, 8},
        {DATATYPE_FLOAT16, 0, 2},     {DATATYPE_FLOAT32, 0, 4},
        {DATATYPE_FLOAT64, 0, 8},     {DATATYPE_TIMESTAMP_NS, 0, 8},
        {DATATYPE_DURATION_NS, 0, 8}, {DATATYPE_FIXED_SIZE_BINARY, 5, 5},
    };
    uint8_t values[80];

    for (size_t i = 0; i < sizeof(values); i++)
        values[i] = (uint8_t)(i + 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct datatype_node node = {
            .kind = cases[i].kind, .nullable = 1, .param = cases[i].param, .name = "item"};
        struct built_array array;

        for (int64_t offset = 0; offset < 3; offset++) {
            array_build(&array, 7, 2, NULL, values, NULL);
            array.array.offset = offset;
            write_array(&node, &array);
            assert_buffer(values + (size_t)offset * cases[i].size, 7 * cases[i].size);
            assert_end();
        }
    }
}

Test(arrow, bits_from_any_bit_on)
{
    const struct datatype_node node = NODE(.kind = DATATYPE_BOOL, .nullable = 1);
    uint8_t bits[1300];
    struct built_array array;

    for (size_t i = 0; i < sizeof(bits); i++)
        bits[i] = (uint8_t)(i * 37 + 11);
    fake_spool->window_size = 100;
    for (int64_t offset = 0; offset < 17; offset++) {
        for (int64_t length = 0; length < 10000; length = length < 70 ? length + 1 : length * 5) {
            array_build(&array, length, 2, NULL, bits, NULL);
            array.array.offset = offset;
            write_array(&node, &array);
            for (int64_t i = 0; i < (length + 63) / 64 * 64; i++) {
                bool expected = i < length && (bits[(offset + i) / 8] >> ((offset + i) % 8) & 1);

                cr_assert_eq(at[i / 8] >> (i % 8) & 1, expected);
            }
        }
    }
}

Test(arrow, texts)
{
    const struct datatype_node node = NODE(.kind = DATATYPE_UTF8, .nullable = 1);
    const int32_t offsets[] = {4, 4, 7, 7, 12};
    const uint32_t all[] = {0, 0, 3, 3, 8};
    const uint32_t some[] = {0, 3, 3};
    struct built_array array;

    array_build(&array, 4, 3, NULL, offsets, "xxxxonethree");
    write_array(&node, &array);
    assert_buffer(all, sizeof(all));
    assert_buffer("onethree", 8);
    assert_end();
    array_build(&array, 2, 3, NULL, offsets, "xxxxonethree");
    array.array.offset = 1;
    write_array(&node, &array);
    assert_buffer(some, sizeof(some));
    assert_buffer("one", 3);
    assert_end();
}

Test(arrow, nothing_needs_no_buffers)
{
    const struct datatype_node nodes[] = {
        NODE(.kind = DATATYPE_UTF8, .nullable = 1),
        NODE(.kind = DATATYPE_INT32, .nullable = 1),
        NODE(.kind = DATATYPE_BOOL, .nullable = 1),
    };
    const int64_t n_buffers[] = {3, 2, 2};
    const uint32_t no_offsets[] = {0};

    for (size_t i = 0; i < 3; i++) {
        struct built_array array;

        array_build(&array, 0, n_buffers[i], NULL, NULL, NULL);
        write_array(&nodes[i], &array);
        assert_buffer(no_offsets, i == 0 ? sizeof(no_offsets) : 0);
        assert_end();
    }
}

Test(arrow, lists_of_vectors_with_offsets_at_each_level)
{
    const struct datatype_node nodes[] = {
        NODE(.kind = DATATYPE_LIST, .nullable = 1, .n_children = 1),
        NODE(.kind = DATATYPE_FIXED_SIZE_LIST, .n_children = 1, .param = 2),
        NODE(.kind = DATATYPE_FLOAT32),
    };
    const int32_t offsets[] = {0, 1, 3, 3, 4};
    const uint32_t expected_offsets[] = {0, 2, 2, 3};
    float values[20];
    struct built_array lists;
    struct built_array vectors;
    struct built_array numbers;

    for (int i = 0; i < 20; i++)
        values[i] = (float)i;
    array_build(&lists, 3, 2, NULL, offsets, NULL);
    array_build(&vectors, 4, 1, NULL, NULL, NULL);
    array_build(&numbers, 15, 2, NULL, values, NULL);
    lists.array.offset = 1;
    vectors.array.offset = 2;
    numbers.array.offset = 3;
    array_add_child(&lists, &vectors);
    array_add_child(&vectors, &numbers);
    write_array(nodes, &lists);
    assert_buffer(expected_offsets, sizeof(expected_offsets));
    /* List 1 begins at vector 1, which is vector 3 with the offset: number 6, 9 with its offset. */
    assert_buffer(values + 9, 6 * sizeof(float));
    assert_end();
}

Test(arrow, structs)
{
    const struct datatype_node nodes[] = {
        NODE(.kind = DATATYPE_STRUCT, .nullable = 1, .n_children = 3),
        NODE(.kind = DATATYPE_UINT32),
        NODE(.kind = DATATYPE_UTF8, .nullable = 1),
        NODE(.kind = DATATYPE_NULL, .nullable = 1),
    };
    const uint32_t numbers[] = {1, 2, 3, 4, 5};
    const int32_t offsets[] = {0, 1, 3, 6, 10, 15};
    const uint32_t expected_offsets[] = {0, 3, 7};
    struct built_array array;
    struct built_array children[3];

    array_build(&array, 2, 1, NULL, NULL, NULL);
    array_build(&children[0], 4, 2, NULL, numbers, NULL);
    array_build(&children[1], 5, 3, NULL, offsets, "abbcccddddeeeee");
    array_build(&children[2], 5, 0, NULL, NULL, NULL);
    children[2].array.null_count = 5;
    array.array.offset = 2;
    children[0].array.offset = 1;
    for (size_t i = 0; i < 3; i++)
        array_add_child(&array, &children[i]);
    write_array(nodes, &array);
    assert_buffer(numbers + 3, 2 * sizeof(uint32_t));
    assert_buffer(expected_offsets, sizeof(expected_offsets));
    assert_buffer("cccdddd", 7);
    assert_end();
}

/* --- 64-bit offsets, views, maps ------------------------------------------------ */

Test(arrow, large_offsets_become_small)
{
    const struct datatype_node text = NODE(.kind = DATATYPE_LARGE_UTF8, .nullable = 1);
    const struct datatype_node lists[] = {
        NODE(.kind = DATATYPE_LARGE_LIST, .nullable = 1, .n_children = 1),
        NODE(.kind = DATATYPE_UINT8),
    };
    const int64_t offsets[] = {4, 4, 7, 7, 12};
    const uint32_t expected[] = {0, 3, 3, 8};
    struct built_array array;
    struct built_array child;

    array_build(&array, 3, 3, NULL, offsets, "xxxxonethree");
    array.array.offset = 1;
    write_array(&text, &array);
    assert_buffer(expected, sizeof(expected));
    assert_buffer("onethree", 8);
    assert_end();
    array_build(&array, 3, 2, NULL, offsets, NULL);
    array_build(&child, 12, 2, NULL, "xxxxonethree", NULL);
    array.array.offset = 1;
    array_add_child(&array, &child);
    write_array(lists, &array);
    assert_buffer(expected, sizeof(expected));
    assert_buffer("onethree", 8);
    assert_end();
}

/* The views of an array of texts; what Arrow's C data want beside them are the sizes of buffers. */
struct text_views {
    int32_t views[4][4];
    int64_t sizes[2];
    const void *buffers[5];
    struct built_array array;
};

static void build_views(struct text_views *built, const void *validity)
{
    *built = (struct text_views){
        .views = {{3}, {13, 0, 1, 2}, {0}, {14, 0, 0, 0}},
        .sizes = {14, 15},
        .buffers = {validity, built->views, "fourteen bytes", "..thirteenbytes", built->sizes},
    };
    memcpy(&built->views[0][1], "one", 3);
    array_build(&built->array, 4, 5, validity, NULL, NULL);
    built->array.array.buffers = built->buffers;
}

Test(arrow, views_of_texts_become_texts)
{
    const struct datatype_node node = NODE(.kind = DATATYPE_UTF8_VIEW, .nullable = 1);
    const uint8_t validity[] = {0x0b};
    const uint8_t expected_validity[] = {0x05};
    const uint32_t all[] = {0, 3, 16, 16, 30};
    const uint32_t some[] = {0, 13, 13, 27};
    struct text_views built;

    build_views(&built, NULL);
    write_array(&node, &built.array);
    assert_buffer(all, sizeof(all));
    assert_buffer("onethirteenbytesfourteen bytes", 30);
    assert_end();
    build_views(&built, validity);
    built.views[2][0] = -7; /* null: not looked at */
    built.array.array.offset = 1;
    built.array.array.length = 3;
    write_array(&node, &built.array);
    assert_buffer(expected_validity, 1);
    assert_buffer(some, sizeof(some));
    assert_buffer("thirteenbytesfourteen bytes", 27);
    assert_end();
}

Test(arrow, views_of_lists_become_lists)
{
    const struct datatype_node nodes[] = {
        NODE(.kind = DATATYPE_LIST_VIEW, .nullable = 1, .n_children = 1),
        NODE(.kind = DATATYPE_UINT8),
    };
    const int32_t offsets[] = {9, 2, -4, 0, 3};
    const int32_t sizes[] = {9, 1, 99, 0, 2};
    const uint8_t validity[] = {0x1b};
    const uint8_t expected_validity[] = {0x0d};
    const uint32_t expected[] = {0, 1, 1, 1, 3};
    struct built_array array;
    struct built_array child;

    array_build(&array, 4, 3, validity, offsets, sizes);
    array_build(&child, 5, 2, NULL, "01234", NULL);
    array.array.offset = 1;
    array_add_child(&array, &child);
    write_array(nodes, &array);
    assert_buffer(expected_validity, 1);
    assert_buffer(expected, sizeof(expected));
    assert_buffer("234", 3);
    assert_end();
}

/* --- Unions ------------------------------------------------------------------- */

static const struct datatype_node dense[] = {
    NODE(.kind = DATATYPE_DENSE_UNION, .nullable = 1, .n_children = 2),
    NODE(.kind = DATATYPE_UINT8, .code = 5),
    NODE(.kind = DATATYPE_UTF8, .nullable = 1, .code = 2),
};
static const uint8_t codes[] = {2, 5, 5, 2, 5};

Test(arrow, dense_unions_keep_what_their_values_use)
{
    const int32_t offsets[] = {0, 0, 4, 2, 3};
    const uint32_t expected[] = {1, 0, 0};
    const int32_t text_offsets[] = {0, 1, 3, 6};
    struct built_array array;
    struct built_array numbers;
    struct built_array texts;

    array_build(&array, 3, 2, codes, offsets, NULL);
    array.array.offset = 2;
    array.array.null_count = 0;
    array_build(&numbers, 5, 2, NULL, "abcdefg", NULL);
    numbers.array.offset = 1;
    array_build(&texts, 3, 3, NULL, text_offsets, "xyyzzz");
    array_add_child(&array, &numbers);
    array_add_child(&array, &texts);
    write_array(dense, &array);
    assert_buffer(codes + 2, 3);
    assert_buffer(expected, sizeof(expected));
    assert_buffer("ef", 2);
    assert_buffer((const uint32_t[]){0, 3}, 8);
    assert_buffer("zzz", 3);
    assert_end();
}

Test(arrow, sparse_unions_take_the_same_part_of_each_child)
{
    const struct datatype_node nodes[] = {
        NODE(.kind = DATATYPE_SPARSE_UNION, .nullable = 1, .n_children = 2),
        NODE(.kind = DATATYPE_UINT8, .code = 5),
        NODE(.kind = DATATYPE_UINT16, .code = 2),
    };
    const uint8_t no_validity[] = {0}; /* where another child counts */
    struct built_array array;
    struct built_array bytes;
    struct built_array words;

    array_build(&array, 3, 1, codes, NULL, NULL);
    array.array.offset = 2;
    array_build(&bytes, 5, 2, no_validity, "abcde", NULL);
    array_build(&words, 5, 2, NULL, "AABBCCDDEE", NULL);
    array_add_child(&array, &bytes);
    array_add_child(&array, &words);
    write_array(nodes, &array);
    assert_buffer(codes + 2, 3);
    assert_buffer("cde", 3);
    assert_buffer("CCDDEE", 6);
    assert_end();
}

/* --- Nulls -------------------------------------------------------------------- */

Test(arrow, nulls_bring_a_bitmap_for_each_nullable_node)
{
    const struct datatype_node nodes[] = {
        NODE(.kind = DATATYPE_STRUCT, .nullable = 1, .n_children = 2),
        NODE(.kind = DATATYPE_UINT8, .nullable = 1),
        NODE(.kind = DATATYPE_UINT8),
    };
    const uint8_t validity[] = {0xb7}; /* from bit 2 on: 1 0 1 1 */
    const uint8_t expected_validity[] = {0x0d};
    const uint8_t all[] = {0x0f};
    const uint8_t values[] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct built_array array;
    struct built_array children[2];

    array_build(&array, 4, 1, validity, NULL, NULL);
    array_build(&children[0], 8, 2, NULL, values, NULL);
    array_build(&children[1], 8, 2, validity, values, NULL); /* null where the struct is too */
    array.array.offset = 2;
    array_add_child(&array, &children[0]);
    array_add_child(&array, &children[1]);
    write_array(nodes, &array);
    cr_assert(batch.has_nulls);
    assert_buffer(expected_validity, 1);
    assert_buffer(all, 1);
    assert_buffer(values + 2, 4);
    assert_buffer(values + 2, 4);
    assert_end();
}

Test(arrow, a_bitmap_without_nulls_in_sight_is_left_out)
{
    const struct datatype_node node = NODE(.kind = DATATYPE_UINT8, .nullable = 1);
    const uint8_t validity[] = {0x7e};
    const uint8_t values[] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct built_array array;

    array_build(&array, 6, 2, validity, values, NULL);
    array.array.offset = 1;
    write_array(&node, &array);
    cr_assert_not(batch.has_nulls);
    assert_buffer(values + 1, 6);
    assert_end();
    array.array.null_count = 0;
    array.array.offset = 0;
    write_array(&node, &array);
    cr_assert_not(batch.has_nulls);
}

/* --- Refused ------------------------------------------------------------------ */

static void assert_refused(const struct datatype_node *nodes, const struct built_array *built,
                           const char *part)
{
    struct arrow_batch arrow = {.array = &built->array, .nodes = nodes};
    const char *problem = arrow_measure(&arrow);

    cr_assert(problem != NULL && strstr(problem, part) != NULL, "\"%s\" instead of \"%s\"",
              problem ? problem : "accepted", part);
}

static void build_uints(struct built_array *array)
{
    static const uint32_t values[] = {1, 2, 3, 4};

    array_build(array, 4, 2, NULL, values, NULL);
}

Test(arrow, arrays_of_the_wrong_shape)
{
    const struct datatype_node node = NODE(.kind = DATATYPE_UINT32, .nullable = 1);
    struct built_array array;
    struct built_array child;

    build_uints(&array);
    array.array.release = NULL;
    assert_refused(&node, &array, "released");
    build_uints(&array);
    array.array.length = -1;
    assert_refused(&node, &array, "length or offset");
    build_uints(&array);
    array.array.length = INT64_MAX;
    assert_refused(&node, &array, "length or offset");
    build_uints(&array);
    array.array.offset = -1;
    assert_refused(&node, &array, "length or offset");
    build_uints(&array);
    array.array.offset = INT64_MAX;
    assert_refused(&node, &array, "length or offset");
    build_uints(&array);
    array.array.n_buffers = 3;
    assert_refused(&node, &array, "number of buffers");
    build_uints(&array);
    array.array.n_buffers = -1;
    assert_refused(&node, &array, "number of buffers");
    build_uints(&array);
    array.array.buffers = NULL;
    assert_refused(&node, &array, "number of buffers");
    build_uints(&array);
    build_uints(&child);
    array_add_child(&array, &child);
    assert_refused(&node, &array, "number of children");
    build_uints(&array);
    array.array.dictionary = &child.array;
    assert_refused(&node, &array, "dictionary");
    build_uints(&array);
    array.array.null_count = 5;
    assert_refused(&node, &array, "null_count");
    array.array.null_count = -2;
    assert_refused(&node, &array, "null_count");
    array.array.null_count = 1;
    assert_refused(&node, &array, "no validity bitmap");
    build_uints(&array);
    array.buffers[1] = NULL;
    assert_refused(&node, &array, "buffer of values");
    build_uints(&array);
    array.array.length = INT64_C(1) << 31;
    assert_refused(&node, &array, "more than 2^31 - 1");
}

Test(arrow, texts_of_the_wrong_shape)
{
    const struct datatype_node node = NODE(.kind = DATATYPE_UTF8, .nullable = 1);
    const int32_t falling[] = {0, 5, 3};
    const int32_t negative[] = {-1, 5, 6};
    const int32_t fine[] = {0, 1, 2};
    struct built_array array;

    array_build(&array, 2, 3, NULL, falling, "text");
    assert_refused(&node, &array, "negative, fall");
    array_build(&array, 2, 3, NULL, negative, "text");
    assert_refused(&node, &array, "negative, fall");
    array_build(&array, 2, 3, NULL, NULL, "text");
    assert_refused(&node, &array, "buffer of offsets");
    array_build(&array, 2, 3, NULL, fine, NULL);
    assert_refused(&node, &array, "buffer of bytes");
}

Test(arrow, children_of_the_wrong_shape)
{
    const struct datatype_node vectors[] = {
        NODE(.kind = DATATYPE_FIXED_SIZE_LIST, .nullable = 1, .n_children = 1, .param = 2),
        NODE(.kind = DATATYPE_UINT32),
    };
    const struct datatype_node lists[] = {
        NODE(.kind = DATATYPE_LIST, .nullable = 1, .n_children = 1),
        NODE(.kind = DATATYPE_UINT32),
    };
    const uint8_t no_validity[] = {0};
    const int32_t offsets[] = {0, 2, 5};
    struct built_array array;
    struct built_array child;

    build_uints(&child);
    array_build(&array, 3, 1, NULL, NULL, NULL);
    array_add_child(&array, &child);
    assert_refused(vectors, &array, "shorter than it must be");
    array.array.length = 1;
    array.array.offset = 2;
    assert_refused(vectors, &array, "shorter than it must be");
    array.array.offset = 1;
    child.array.null_count = -1;
    child.buffers[0] = no_validity;
    assert_refused(vectors, &array, "nulls where its type has none");
    child.array.release = NULL;
    assert_refused(vectors, &array, "child of it is missing or released");
    array.children[0] = NULL;
    assert_refused(vectors, &array, "child of it is missing or released");
    array.array.children = NULL;
    assert_refused(vectors, &array, "number of children");
    build_uints(&child);
    array_build(&array, 2, 2, NULL, offsets, NULL);
    array_add_child(&array, &child);
    assert_refused(lists, &array, "shorter than it must be");
}

Test(arrow, views_of_the_wrong_shape)
{
    const struct datatype_node text = NODE(.kind = DATATYPE_UTF8_VIEW, .nullable = 1);
    const struct datatype_node lists[] = {
        NODE(.kind = DATATYPE_LIST_VIEW, .nullable = 1, .n_children = 1),
        NODE(.kind = DATATYPE_UINT32),
    };
    static const int32_t bad[][4] = {
        {-1}, {13, 0, 2, 0}, {13, 0, -1, 0}, {13, 0, 1, -1}, {16, 0, 1, 0}, {13, 0, 1, 3},
    };
    struct text_views built;
    struct built_array array;
    struct built_array child;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        build_views(&built, NULL);
        memcpy(built.views[2], bad[i], sizeof(bad[i]));
        assert_refused(&text, &built.array, "not inside");
    }
    build_views(&built, NULL);
    built.buffers[4] = NULL;
    assert_refused(&text, &built.array, "not inside");
    build_views(&built, NULL);
    built.array.array.n_buffers = 2;
    assert_refused(&text, &built.array, "number of buffers");
    build_uints(&child);
    array_build(&array, 2, 3, NULL, (const int32_t[]){2, 0}, (const int32_t[]){2, 2});
    array_add_child(&array, &child);
    assert_refused(lists, &array, "one after the other");
    array.buffers[2] = (const int32_t[]){2, -1};
    assert_refused(lists, &array, "negative");
    array.buffers[2] = (const int32_t[]){3, 0};
    assert_refused(lists, &array, "shorter");
}

Test(arrow, unions_of_the_wrong_shape)
{
    const int32_t offsets[] = {0, 0, 1};
    const int32_t far[] = {0, 4, 1};
    const int32_t negative[] = {0, -1, 1};
    struct built_array array;
    struct built_array numbers;
    struct built_array texts;

    build_uints(&numbers);
    array_build(&texts, 1, 3, NULL, (const int32_t[]){0, 0}, "");
    array_build(&array, 3, 2, codes, offsets, NULL);
    array_add_child(&array, &numbers);
    array_add_child(&array, &texts);
    write_array(dense, &array);
    array.buffers[0] = "\1\5\5";
    assert_refused(dense, &array, "type id");
    array.buffers[0] = codes;
    array.buffers[1] = far;
    assert_refused(dense, &array, "shorter");
    array.buffers[1] = negative;
    assert_refused(dense, &array, "negative");
    array.buffers[1] = NULL;
    assert_refused(dense, &array, "lacks");
}
