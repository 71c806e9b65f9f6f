/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reads and compares times of entries. The names of timelines are the program's own, so any will
 * do. No state. */
#include "harness/verify/expected_times.h"

#include "harness/verify/range_words.h"
#include "harness/verify/schema.h"
#include "harness/verify/time_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Reads the bounds that are there; both must be of one kind. */
static bool parse_range(const char *text, struct expected_time *time)
{
    struct range_words words;
    enum time_type low = 0, high = 0;
    time->min = INT64_MIN;
    time->max = INT64_MAX;
    if (range_words_parse(text, &words) < 0 ||
        (words.low[0] != '\0' && time_value_parse(words.low, &low, &time->min) < 0) ||
        (words.high[0] != '\0' && time_value_parse(words.high, &high, &time->max) < 0)) {
        return false;
    }
    time->type = low != 0 ? low : high;
    return low == 0 || high == 0 || low == high;
}

static int read_time(struct yaml_document *document, const yaml_node_pair_t *pair, void *into)
{
    struct expected_times *times = into;
    const yaml_node_t *key = yaml_document_node(document, pair->key);
    const yaml_node_t *value = yaml_document_node(document, pair->value);
    struct expected_time *time = &times->times[times->n++];
    int error = schema_read_text(document, key, &time->timeline);
    for (size_t i = 0; error == 0 && i + 1 < times->n; i++) {
        if (strcmp(times->times[i].timeline, time->timeline) == 0) {
            return yaml_document_refuse(document, key, "'%.60s' stands here twice", time->timeline);
        }
    }
    if (error == 0) {
        error = schema_read_text(document, value, &time->source);
    }
    if (error < 0) {
        return error;
    }
    if (!parse_range(time->source, time)) {
        return yaml_document_refuse(document, value,
                                    "'%.60s' is no time; write " TIME_VALUE_FORMS
                                    ", or of one of these a range, " RANGE_FORMS,
                                    time->source);
    }
    return time->min > time->max
               ? yaml_document_refuse(document, value, "'%.60s': the first time is the later one",
                                      time->source)
               : 0;
}

int expected_times_read(struct yaml_document *document, const yaml_node_t *node,
                        struct expected_times *times)
{
    *times = (struct expected_times){0};
    size_t n = 0;
    int error = schema_count_pairs(document, node, "{frame: 3, sim_time: 0.5s}", "timelines",
                                   EXPECTED_TIMES_MAX, &n);
    if (error < 0) {
        return error;
    }
    times->times = calloc(n, sizeof *times->times);
    return times->times == NULL ? -ENOMEM : schema_read_pairs(document, node, read_time, times);
}

void expected_times_done(struct expected_times *times)
{
    for (size_t i = 0; i < times->n; i++) {
        free(times->times[i].timeline);
        free(times->times[i].source);
    }
    free(times->times);
    *times = (struct expected_times){0};
}

static bool is_at(const struct expected_time *time, const struct recorded_row *row)
{
    for (size_t i = 0; i < row->n_times; i++) {
        const struct recorded_time *found = &row->times[i];
        if (string_view_equal(found->timeline, string_view_of(time->timeline))) {
            return found->type == time->type && found->value >= time->min &&
                   found->value <= time->max;
        }
    }
    return false;
}

bool expected_times_match(const struct expected_times *times, const struct recorded_row *row)
{
    for (size_t i = 0; i < times->n; i++) {
        if (!is_at(&times->times[i], row)) {
            return false;
        }
    }
    return true;
}
