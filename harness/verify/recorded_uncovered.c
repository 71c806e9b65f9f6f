/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads what a recording tells of programs that were not covered; judges nothing.
 */
#include "harness/verify/recorded_uncovered.h"

#include "harness/process_schema.h"
#include "harness/verify/recorded_cell.h"

#include <errno.h>
#include <stdlib.h>

static void free_one(struct recorded_uncovered *one)
{
    free(one->parent);
    free(one->image_of);
    free(one->made_by);
    free(one->executable);
    free(one->reason);
    free(one->ended_by);
    free(one->seen_by);
}

void recorded_uncovered_done(struct recorded_uncovered_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free_one(&list->all[i]);
    }
    free(list->all);
    *list = (struct recorded_uncovered_list){0};
}

static int read_one(struct recorded_uncovered *one, const struct chunk *chunk, size_t row)
{
    const struct {
        const char *component;
        char **text;
    } texts[] = {{PROCESS_PARENT, &one->parent},      {PROCESS_IMAGE_OF, &one->image_of},
                 {PROCESS_MADE_BY, &one->made_by},    {PROCESS_EXECUTABLE, &one->executable},
                 {PROCESS_NOT_COVERED, &one->reason}, {PROCESS_ENDED_BY, &one->ended_by},
                 {PROCESS_SEEN_BY, &one->seen_by}};
    int error = recorded_cell_int(chunk, PROCESS_PID, row, &one->pid);

    for (size_t i = 0; error == 0 && i < sizeof texts / sizeof texts[0]; i++) {
        error = recorded_cell_text(chunk, texts[i].component, row, texts[i].text);
    }
    one->time_ns = recorded_cell_time(chunk, row);
    return error == 0 ? recorded_cell_int(chunk, PROCESS_STATUS, row, &one->status) : error;
}

static int grow(struct recorded_uncovered_list *list)
{
    size_t capacity = list->capacity > 0 ? 2 * list->capacity : 16;
    void *all = reallocarray(list->all, capacity, sizeof *list->all);
    if (all == NULL) {
        return -ENOMEM;
    }
    list->all = all;
    list->capacity = capacity;
    return 0;
}

int recorded_uncovered_read(struct recorded_uncovered_list *list, const struct chunk *chunk,
                            size_t row)
{
    struct recorded_uncovered one = {.status = -1};
    if (recorded_cell(chunk, PROCESS_PID, row).n == 0) {
        return recorded_cell_int(chunk, UNCOVERED_MORE, row, &list->n_more);
    }
    int error = list->n == list->capacity ? grow(list) : 0;
    if (error == 0) {
        error = read_one(&one, chunk, row);
    }
    if (error < 0) {
        free_one(&one);
        return error;
    }
    list->all[list->n++] = one;
    return 0;
}
