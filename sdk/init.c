/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * lw_init: one call that finds out what the recording is called and where it goes, and makes it the
 * current one. No state: everything is looked up when it is called.
 */
#include "sdk/include/lastword.h"

#include "sdk/environment.h"
#include "sdk/error.h"
#include "sdk/rr_sinks.h"
#include "sdk/stream.h"

#include <errno.h>
#include <string.h>

struct settings {
    const char *application_id; /* never NULL once all are found */
    const char *recording_id;   /* NULL: choose_recording_id */
    const char *save;           /* NULL: none */
};

/* --- The command line ----------------------------------------------------- */

/*
 * Is `argument` the option, alone or with "=VALUE"? ret_value is NULL when the value must be the
 * next argument.
 */
static bool is_option(const char *argument, const char *option, const char **ret_value)
{
    size_t size = strlen(option);

    if (strncmp(argument, option, size) != 0 || (argument[size] != '\0' && argument[size] != '='))
        return false;
    *ret_value = argument[size] == '=' ? argument + size + 1 : NULL;
    return true;
}

/* Which setting does the argument set? NULL: none of ours. */
static const char **find_setting(struct settings *settings, const char *argument,
                                 const char **ret_value)
{
    if (is_option(argument, "--recording-id", ret_value))
        return &settings->recording_id;
    if (is_option(argument, "--save", ret_value))
        return &settings->save;
    return NULL;
}

/*
 * Reads our options from the arguments; with `remove`, also takes them out. The rest keeps its
 * order.
 */
static bool read_arguments(const struct argument_call *call, int *argc, char **argv, bool remove,
                           struct settings *settings)
{
    int kept = *argc > 0 ? 1 : 0;
    int at = kept;

    for (; at < *argc && strcmp(argv[at], "--") != 0; at++) {
        const char *value;
        const char **setting = find_setting(settings, argv[at], &value);

        if (!setting) {
            if (remove)
                argv[kept++] = argv[at];
            continue;
        }
        if (!value && at + 1 == *argc)
            return error_set(call->error, RR_ERROR_CODE_INVALID_STRING_ARGUMENT,
                             "%s: the option %s needs a value", call->function, argv[at]);
        *setting = value ? value : argv[++at];
    }
    if (!remove)
        return true;
    for (; at < *argc; at++)
        argv[kept++] = argv[at];
    argv[kept] = NULL;
    *argc = kept;
    return true;
}

/* --- Settings ------------------------------------------------------------- */

static const char *first_of(const char *one, const char *other)
{
    return one ? one : other;
}

static bool find_settings(const struct argument_call *call, const struct lw_options *options,
                          struct settings *ret_settings)
{
    struct settings found = {0};

    if (options->argc && (!argument_check_pointer(call, "options.argv", options->argv) ||
                          !read_arguments(call, options->argc, options->argv, false, &found)))
        return false;
    ret_settings->application_id =
        first_of(first_of(options->application_id, environment_text("LASTWORD_APPLICATION_ID")),
                 program_invocation_short_name);
    ret_settings->recording_id = first_of(found.recording_id, options->recording_id);
    ret_settings->save =
        first_of(first_of(found.save, options->save), environment_text("LASTWORD_SAVE"));
    return true;
}

/* The id of the current recording if it has that application id: a child joins its parent. */
static bool find_joined(struct text application_id, struct text *ret_recording_id)
{
    struct stream *stream = stream_present(RR_STORE_KIND_RECORDING);
    struct recording_spec spec;

    if (!stream)
        return false;
    recording_describe(atomic_load(&stream->recording), &spec);
    *ret_recording_id = spec.recording_id;
    return spec.application_id.size == application_id.size &&
           !memcmp(spec.application_id.bytes, application_id.bytes, application_id.size);
}

static bool choose_recording_id(const struct argument_call *call, const char *given,
                                struct recording_spec *spec, char random[RECORDING_RANDOM_ID_SIZE])
{
    if (!given && find_joined(spec->application_id, &spec->recording_id))
        return true;
    given = first_of(given, environment_text("LASTWORD_RECORDING_ID"));
    if (given)
        return argument_check_cstring(call, "the recording id", given, ARGUMENT_REQUIRED,
                                      RECORD_MAX_ID, &spec->recording_id);
    if (recording_random_id(random) < 0)
        return error_set(call->error, RR_ERROR_CODE_RECORDING_STREAM_CREATION_FAILURE,
                         "%s: the system gives no random numbers: name a recording id",
                         call->function);
    spec->recording_id = (struct text){random, RECORDING_RANDOM_ID_SIZE};
    return true;
}

static bool make_current(const struct argument_call *call, const struct settings *settings)
{
    char random[RECORDING_RANDOM_ID_SIZE];
    struct recording_spec spec = {
        .store_kind = RR_STORE_KIND_RECORDING,
        .flags = RECORDING_SEND_PROPERTIES,
    };
    struct stream *stream;
    struct text path;

    if (!argument_check_cstring(call, "the application id", settings->application_id,
                                ARGUMENT_REQUIRED, RECORD_MAX_ID, &spec.application_id) ||
        (settings->save && !argument_check_cstring(call, "the file to save", settings->save,
                                                   ARGUMENT_REQUIRED, RECORDING_MAX_PATH, &path)) ||
        !choose_recording_id(call, settings->recording_id, &spec, random) ||
        !stream_create(call, &spec, environment_switch("RERUN", true), &stream))
        return false;
    if (settings->save && !save_to(call, stream, path)) {
        stream_free(stream);
        return false;
    }
    stream_set_global(stream, RR_STORE_KIND_RECORDING);
    return true;
}

bool lw_init(const struct lw_options *options, rr_error *error)
{
    const struct argument_call call = {"lw_init", error};
    const struct lw_options defaults = {0};
    struct settings settings;

    if (!options)
        options = &defaults;
    if (!find_settings(&call, options, &settings) || !make_current(&call, &settings))
        return false;
    return !options->argc || read_arguments(&call, options->argc, options->argv, true, &settings);
}

const char *lw_recording_id(void)
{
    const struct argument_call quiet = {"", NULL};
    struct stream *stream;

    return stream_find(&quiet, RR_REC_STREAM_CURRENT_RECORDING, &stream) && stream
               ? stream->recording_id
               : "";
}
