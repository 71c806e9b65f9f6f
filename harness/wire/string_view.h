/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Text in somebody else's memory. Formats give lengths, not terminators, so nothing here is
 * terminated.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct string_view {
    const char *data; /* may be NULL when size is 0 */
    size_t size;
};

/* Returns a view of a C string, which must outlive it; NULL is the empty view. */
static inline struct string_view string_view_of(const char *text)
{
    return (struct string_view){text, text ? strlen(text) : 0};
}

static inline bool string_view_equal(struct string_view a, struct string_view b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* Orders as memcmp does, a prefix first: for UTF-8 this is the order of the code points. */
static inline int string_view_compare(struct string_view a, struct string_view b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);

    if (order != 0)
        return order;
    return a.size < b.size ? -1 : a.size > b.size;
}

static inline bool string_view_has_nul(struct string_view text)
{
    return text.size > 0 && memchr(text.data, '\0', text.size) != NULL;
}
