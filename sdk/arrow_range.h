/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A part of an Arrow array, and where its values are. At every level an array has an offset of its
 * own, a list uses only a part of its child, and so does a dense union; so arrays are walked by
 * ranges of values, in preorder, with recursion that DATATYPE_MAX_DEPTH bounds.
 *
 * Buffers are read as they are: what is called here for a range must have been checked before, as
 * sdk/arrow.c does in its order. On the path of rows: no allocation, no state.
 */
#pragma once

#include "sdk/include/rerun.h"
#include "sdk/record/datatype.h"

/* The part of an array that is walked: `n` values from `start`, offset included. */
struct range {
    const struct ArrowArray *array;
    const struct datatype_node *node;
    int64_t start;
    int64_t n;
};

static inline bool range_bit_at(const uint8_t *bits, int64_t index)
{
    return bits[index / 8] >> (index % 8) & 1;
}

/* Returns the bitmap of validity, to be read from `start` on; NULL: there is none. */
const uint8_t *range_validity_of(const struct range *range);

bool range_has_nulls(const struct range *range);

/* Returns the offset of value `index`, for texts and lists also that of their end. */
int64_t range_offset_at(const struct range *range, int64_t index);

/* Returns where the values of texts or lists lie in what their offsets point to. */
void range_content_of(const struct range *range, int64_t *ret_first, int64_t *ret_n);

/* Returns the part of child `index`, whose type is given, that belongs to the range. */
struct range range_child_of(const struct range *range, int64_t index,
                            const struct datatype_node *type);

/* --- Unions --------------------------------------------------------------- */

static inline uint8_t range_code_at(const struct range *range, int64_t index)
{
    return ((const uint8_t *)range->array->buffers[0])[range->start + index];
}

/* Returns where the values of a dense union with that code lie in their child. */
void range_content_of_code(const struct range *range, uint8_t code, int64_t *ret_first,
                           int64_t *ret_n);

/* --- Views of lists: offsets and sizes, which must be one after the other -- */

bool range_is_list_view(const struct range *range);

/* Returns the size of list `index`; nothing is read of one that is null. */
int64_t range_list_size_at(const struct range *range, int64_t index);

/* --- Views of texts: 16 bytes that hold a short text, or say where a long one is. --- */

struct text_view {
    int32_t size;
    union {
        char bytes[12];
        struct {
            char prefix[4];
            int32_t buffer; /* counted from buffers[2] on */
            int32_t offset;
        };
    };
};
_Static_assert(sizeof(struct text_view) == 16, "Arrow's layout");

static inline bool datatype_is_text_view(const struct datatype_node *node)
{
    return node->kind == DATATYPE_UTF8_VIEW || node->kind == DATATYPE_BINARY_VIEW;
}

/* Returns the view of text `index`; one that is null is empty. */
struct text_view text_view_at(const struct range *range, int64_t index);

/* Is the text of the view inside of its buffer? */
bool text_view_is_inside(const struct range *range, const struct text_view *view);

/* Returns its text, view->size bytes, which may be in the view itself. */
const void *text_view_bytes(const struct range *range, const struct text_view *view);
