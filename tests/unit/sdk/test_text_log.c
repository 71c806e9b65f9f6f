/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines of text: what stands in the row, and what is refused. */
#include "fake_spool.h"
#include "sdk/record/builtin.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static rr_error error;
static struct record_row_view row;

static void start(void)
{
    fake_start();
}

TestSuite(text_log, .init = start);

static bool is_path(const char *path)
{
    return row.head->entity_path_size == strlen(path) &&
           !memcmp(row.entity_path, path, row.head->entity_path_size);
}

Test(text_log, text_and_level)
{
    cr_assert(lw_log_text("robot/log", LW_LEVEL_WARN, "some text", &error));
    fake_row_at(0, &row);
    cr_assert(is_path("robot/log"));
    cr_assert_eq(row.n_batches, 2);
    cr_assert(fake_is_text(&row, BUILTIN_TEXT_LOG_TEXT, "some text"));
    cr_assert(fake_is_text(&row, BUILTIN_TEXT_LOG_LEVEL, "WARN"));
}

Test(text_log, what_is_left_out_is_not_logged)
{
    cr_assert(lw_log_text("log", NULL, "", &error));
    fake_row_at(0, &row);
    cr_assert_eq(row.n_batches, 1);
    cr_assert(fake_is_text(&row, BUILTIN_TEXT_LOG_TEXT, ""));
    cr_assert(lw_log_text("", "", "text", &error));
    fake_row_at(1, &row);
    cr_assert_eq(row.n_batches, 1);
    cr_assert(is_path(""));
}

Test(text_log, colour)
{
    const uint32_t color = 0x11223344;
    const struct record_batch_view *batch;

    cr_assert(lw_log_text_log("log", &(struct lw_text_log){.text = "a", .color = &color}, &error));
    fake_row_at(0, &row);
    cr_assert_eq(row.n_batches, 2);
    batch = fake_batch(&row, BUILTIN_TEXT_LOG_COLOR);
    cr_assert(batch->n_instances == 1 && *(const uint32_t *)batch->data == color);
}

Test(text_log, texts_of_every_size)
{
    static char text[40001];

    for (size_t size = 0; size < sizeof(text); size = size < 40 ? size + 1 : size * 3) {
        memset(text, 'x', size);
        text[size] = '\0';
        fake_spool->window_size = size / 3;
        cr_assert(lw_log_text("log", "INFO", text, &error));
        fake_row_at(fake_count(RECORD_ROW) - 1, &row);
        cr_assert(fake_is_text(&row, BUILTIN_TEXT_LOG_TEXT, text), "%zu bytes", size);
        cr_assert(fake_is_text(&row, BUILTIN_TEXT_LOG_LEVEL, "INFO"));
    }
}

Test(text_log, formatted)
{
    char expected[5000];

    memset(expected, ' ', sizeof(expected));
    snprintf(expected + 3000, 100, "7 and more");
    cr_assert(lw_log_textf("log", "INFO", &error, "%s: %d %.2f", "seven", 7, 7.5));
    errno = 7;
    cr_assert(lw_log_textf("log", NULL, &error, "%3001d%s", 7, " and more"));
    cr_assert_eq(errno, 7);
    fake_row_at(0, &row);
    cr_assert(fake_is_text(&row, BUILTIN_TEXT_LOG_TEXT, "seven: 7 7.50"));
    fake_row_at(1, &row);
    cr_assert(fake_is_text(&row, BUILTIN_TEXT_LOG_TEXT, expected));
    cr_assert(lw_log_textf("log", NULL, &error, "%1023d", 1));
    cr_assert(lw_log_textf("log", NULL, &error, "%1024d", 1));
    cr_assert(lw_log_textf("log", NULL, &error, "%s", ""));
    cr_assert_eq(fake_count(RECORD_ROW), 5);
    cr_assert_not(lw_log_textf("log", NULL, &error, "%s", "\xff"));
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "the formatted text is not UTF-8");
}

Test(text_log, bad_arguments)
{
    static char path[RECORD_MAX_ENTITY_PATH + 2];

    memset(path, 'x', RECORD_MAX_ENTITY_PATH + 1);
    cr_assert_not(lw_log_text(NULL, NULL, "a", &error));
    assert_error(error, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, "lw_log_text: entity_path is NULL");
    cr_assert_not(lw_log_text("log", NULL, NULL, &error));
    assert_error(error, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, "text is NULL");
    cr_assert_not(lw_log_text_log("log", NULL, &error));
    assert_error(error, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, "text_log is NULL");
    cr_assert_not(lw_log_textf("log", NULL, &error, NULL));
    assert_error(error, RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, "format is NULL");
    cr_assert_not(lw_log_text(path, NULL, "a", &error));
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "4097 bytes");
    cr_assert_not(lw_log_text("log", "\xff", "a", &error));
    assert_error(error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "level is not UTF-8");
    cr_assert_not(lw_log_text("log", NULL, NULL, NULL));
    cr_assert_eq(fake_spool->n_records, 1);
    path[RECORD_MAX_ENTITY_PATH] = '\0';
    cr_assert(lw_log_text(path, NULL, "a", &error));
    fake_row_at(0, &row);
    cr_assert(is_path(path));
}

Test(text_log, a_spool_that_refuses)
{
    fake_spool->begin_error = -ENOSPC;
    cr_assert_not(lw_log_text("log", NULL, "a", &error));
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE, "lw_log_text: the spool");
    fake_spool->begin_error = 0;
    fake_spool->end_error = -ECANCELED;
    cr_assert_not(lw_log_text("log", NULL, "a", &error));
    assert_error(error, RR_ERROR_CODE_RECORDING_STREAM_RUNTIME_FAILURE, "the row is the parent's");
}
