/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* lw_init: where each setting comes from, and what it leaves behind. */
#include "fake_spool.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static rr_error error;
static char directory[] = "/tmp/lastword-test-XXXXXX";
static char arguments[16][32];
static char *argv[16];
static int argc;

static void enter(void)
{
    cr_assert(mkdtemp(directory) != NULL);
    cr_assert_eq(chdir(directory), 0);
}

static void leave(void)
{
    unlink("line.rrd");
    unlink("options.rrd");
    unlink("environment.rrd");
    cr_assert_eq(rmdir(directory), 0);
}

TestSuite(init, .init = enter, .fini = leave);

static void set_arguments(const char *const *wanted)
{
    for (argc = 0; wanted[argc]; argc++)
        argv[argc] = strcpy(arguments[argc], wanted[argc]);
    argv[argc] = NULL;
}

static bool init(const char *application_id, const char *recording_id, const char *save)
{
    return lw_init(&(struct lw_options){.application_id = application_id,
                                        .recording_id = recording_id,
                                        .save = save,
                                        .argc = &argc,
                                        .argv = argv},
                   &error);
}

/* The ids and the file of the newest recording are these; NULL: any. */
static void assert_recording(const char *application_id, const char *recording_id,
                             const char *sink_name)
{
    struct record_recording_view view;
    char path[256] = "";

    fake_recording_at(fake_count(RECORD_DEFINE_RECORDING) - 1, &view);
    if (application_id)
        cr_assert(view.head->application_id_size == strlen(application_id) &&
                  !memcmp(view.application_id, application_id, strlen(application_id)));
    cr_assert(view.head->recording_id_size == strlen(recording_id) &&
              !memcmp(view.recording_id, recording_id, strlen(recording_id)));
    cr_assert_str_eq(lw_recording_id(), recording_id);
    if (sink_name)
        snprintf(path, sizeof(path), "%s/%s", directory, sink_name);
    cr_assert(view.head->sinks_size == strlen(path) && !memcmp(view.sinks, path, strlen(path)));
    cr_assert_eq(view.head->flags, RECORDING_SEND_PROPERTIES);
    cr_assert_eq(fake_spool->recording, view.head);
}

Test(init, defaults)
{
    cr_assert(lw_init(NULL, &error));
    cr_assert_eq(strlen(lw_recording_id()), 36);
    assert_recording(program_invocation_short_name, lw_recording_id(), NULL);
    cr_assert(lw_log_text("log", NULL, "text", &error));
    assert_no_error(error);
}

Test(init, the_environment)
{
    setenv("LASTWORD_APPLICATION_ID", "e-app", 1);
    setenv("LASTWORD_RECORDING_ID", "e-rec", 1);
    setenv("LASTWORD_SAVE", "environment.rrd", 1);
    cr_assert(lw_init(NULL, &error), "%s", error.description);
    assert_recording("e-app", "e-rec", "environment.rrd");
}

Test(init, options_come_before_the_environment)
{
    setenv("LASTWORD_APPLICATION_ID", "e-app", 1);
    setenv("LASTWORD_RECORDING_ID", "e-rec", 1);
    setenv("LASTWORD_SAVE", "environment.rrd", 1);
    set_arguments((const char *[]){"prog", NULL});
    cr_assert(init("o-app", "o-rec", "options.rrd"));
    assert_recording("o-app", "o-rec", "options.rrd");
}

Test(init, the_command_line_comes_first_and_is_taken_out)
{
    set_arguments((const char *[]){"prog", "--end", "--save", "x", "--recording-id=l-rec", "--save",
                                   "line.rrd", "-v", "--", "--save", "y", NULL});
    cr_assert(init("o-app", "o-rec", "options.rrd"));
    assert_recording("o-app", "l-rec", "line.rrd");
    cr_assert_eq(argc, 6);
    cr_assert_str_eq(argv[0], "prog");
    cr_assert_str_eq(argv[1], "--end");
    cr_assert_str_eq(argv[2], "-v");
    cr_assert_str_eq(argv[3], "--");
    cr_assert_str_eq(argv[4], "--save");
    cr_assert_str_eq(argv[5], "y");
    cr_assert(argv[6] == NULL);
}

Test(init, options_that_only_begin_like_ours_stay)
{
    set_arguments((const char *[]){"prog", "--saved", "--recording-identity=1", NULL});
    cr_assert(init("app", "rec", NULL));
    cr_assert_eq(argc, 3);
    argc = 0;
    argv[0] = NULL;
    cr_assert(init("app", "rec", NULL));
    cr_assert_eq(argc, 0);
}

Test(init, a_second_call_joins_the_recording_of_the_same_application)
{
    const char *first;

    cr_assert(init("app", NULL, NULL));
    first = lw_recording_id();
    setenv("LASTWORD_RECORDING_ID", "e-rec", 1);
    cr_assert(init("app", NULL, NULL));
    assert_recording("app", first, NULL);
    cr_assert(init("other", NULL, NULL));
    assert_recording("other", "e-rec", NULL);
    unsetenv("LASTWORD_RECORDING_ID");
    cr_assert(init("third", NULL, NULL));
    cr_assert_eq(strlen(lw_recording_id()), 36);
    cr_assert_str_neq(lw_recording_id(), first);
}

static void assert_refused(rr_error_code code, const char *part)
{
    assert_error(error, code, part);
    cr_assert_str_eq(lw_recording_id(), "before");
}

Test(init, what_is_refused_changes_nothing)
{
    int n = 1;

    cr_assert(init("app", "before", NULL));
    set_arguments((const char *[]){"prog", "--recording-id", "x", "--save", NULL});
    cr_assert_not(init("app", NULL, NULL));
    assert_refused(RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "the option --save needs a value");
    cr_assert_eq(argc, 4);
    set_arguments((const char *[]){"prog", "--save=no/such/a.rrd", NULL});
    cr_assert_not(init("app", NULL, NULL));
    assert_refused(RR_ERROR_CODE_RECORDING_STREAM_SAVE_FAILURE, "no/such/a.rrd");
    cr_assert_eq(argc, 2);
    set_arguments((const char *[]){"prog", "--recording-id=", NULL});
    cr_assert_not(init("app", NULL, NULL));
    assert_refused(RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "the recording id is empty");
    set_arguments((const char *[]){"prog", NULL});
    cr_assert_not(init("", NULL, NULL));
    assert_refused(RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "the application id is empty");
    cr_assert_not(init("app", "\xff", NULL));
    assert_refused(RR_ERROR_CODE_INVALID_STRING_ARGUMENT, "the recording id is not UTF-8");
    cr_assert_not(lw_init(&(struct lw_options){.argc = &n}, &error));
    assert_refused(RR_ERROR_CODE_UNEXPECTED_NULL_ARGUMENT, "options.argv");
    fake_spool->open_error = -ENOSPC;
    cr_assert_not(init("other", NULL, NULL));
    assert_refused(RR_ERROR_CODE_RECORDING_STREAM_CREATION_FAILURE, "full");
    cr_assert_not(init("other", NULL, NULL) || lw_init(NULL, NULL));
}

Test(init, a_program_that_is_switched_off)
{
    setenv("RERUN", "off", 1);
    cr_assert(init("app", "rec", "no/such/a.rrd"));
    cr_assert_str_eq(lw_recording_id(), "rec");
    cr_assert(lw_log_text("log", NULL, "text", &error));
    cr_assert_eq(fake_spool->n_records, 0);
}
