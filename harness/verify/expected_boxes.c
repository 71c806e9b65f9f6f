/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The boxes of one entry: one, or a list of them, as numbers only. No state. */
#include "harness/verify/expected_boxes.h"

#include "harness/verify/schema.h"

#include <errno.h>
#include <stdlib.h>

#define MAX_BOXES 100000 /* in one entry */

/* Four numbers, written one after the other. */
struct numbers {
    double *values;
    size_t n;
};

static int read_box_number(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct numbers *numbers = into;
    return schema_read_number(document, node, &numbers->values[numbers->n++]);
}

static int read_one_box(struct yaml_document *document, const yaml_node_t *node, void *into)
{
    struct expected_row *row = into;
    struct numbers numbers = {row->boxes[row->n_boxes++], 0};
    return schema_read_list(document, node, 4, 4, read_box_number, &numbers);
}

/* A list of boxes begins with a list. */
static bool is_list_of_boxes(struct yaml_document *document, const yaml_node_t *node)
{
    const yaml_node_item_t *items = node->data.sequence.items.start;
    return node->data.sequence.items.top > items &&
           yaml_document_node(document, items[0])->type == YAML_SEQUENCE_NODE;
}

int expected_boxes_read(struct yaml_document *document, const yaml_node_t *node,
                        enum box_format format, struct expected_row *row)
{
    if (row->has_boxes) {
        return yaml_document_refuse(document, node,
                                    "the boxes of an entry are written in one format, not two");
    }
    if (node->type != YAML_SEQUENCE_NODE) {
        return yaml_document_refuse(document, node,
                                    "must be a box of four numbers or a list of such boxes");
    }
    bool is_list = is_list_of_boxes(document, node);
    size_t n = is_list ? schema_n_items(node) : 1;
    row->boxes = calloc(n, sizeof *row->boxes);
    if (row->boxes == NULL) {
        return -ENOMEM;
    }
    row->has_boxes = true;
    row->box_format = format;
    return is_list ? schema_read_list(document, node, 1, MAX_BOXES, read_one_box, row)
                   : read_one_box(document, node, row);
}
