/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How many rows an entry stands for. No state. */
#include "harness/verify/expected_count.h"

#include "harness/cleanup.h"
#include "harness/verify/range_words.h"
#include "harness/verify/schema.h"

#include <bsd/stdlib.h>
#include <ctype.h>
#include <errno.h>

/* One bound of a count; "" leaves it as it is. */
static bool parse_bound(const char *word, uint64_t *bound)
{
    const char *fault = NULL;
    if (word[0] == '\0') {
        return true;
    }
    long long value =
        isdigit((unsigned char)word[0]) ? strtonum(word, 0, EXPECTATION_MAX_COUNT, &fault) : -1;
    *bound = (uint64_t)value;
    return value >= 0 && fault == NULL;
}

int expected_count_read(struct yaml_document *document, const yaml_node_t *node,
                        struct expected_row *row)
{
    CLEANUP(free_pointer) char *text = NULL;
    struct range_words words;
    uint64_t min = 0, max = COUNT_UNLIMITED;
    int error = schema_read_text(document, node, &text);
    if (error < 0) {
        return error;
    }
    if (range_words_parse(text, &words) < 0 || !parse_bound(words.low, &min) ||
        !parse_bound(words.high, &max) || max == 0) {
        return yaml_document_refuse(
            document, node,
            "must be a whole number from 1 to %d, 'at least 3', 'at most 5' or '3 to 5', not "
            "'%.60s'",
            EXPECTATION_MAX_COUNT, text);
    }
    if (min > max) {
        return yaml_document_refuse(document, node, "'%.60s': the first number is the larger one",
                                    text);
    }
    row->min_count = min;
    row->max_count = max;
    return 0;
}
