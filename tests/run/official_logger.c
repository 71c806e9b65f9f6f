/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * usage: official_logger TEXT [PROG ARGS | --system COMMAND]
 *
 * A program of the official C SDK: it is linked with librerun_c.so and knows rerun.h alone. Logs
 * TEXT to /log, runs PROG as a child and waits for it, or COMMAND by system(), and leaves by _exit.
 */
#include <rerun.h>

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void release_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static void release_array(struct ArrowArray *array)
{
    array->release = NULL;
}

static rr_string string(const char *text)
{
    return (rr_string){text, (uint32_t)strlen(text)};
}

static rr_component_type_handle register_text(rr_error *error)
{
    return rr_register_component_type(
        (rr_component_type){
            .descriptor = {string("rerun.archetypes.TextLog"), string("TextLog:text"),
                           string("rerun.components.Text")},
            .schema = {.format = "u", .name = "", .release = release_schema},
        },
        error);
}

static void log_text(rr_recording_stream stream, rr_component_type_handle type, const char *text,
                     rr_error *error)
{
    const int32_t offsets[] = {0, (int32_t)strlen(text)};
    const void *buffers[] = {NULL, offsets, text};
    rr_component_batch batch = {
        .component_type = type,
        .array = {.length = 1, .n_buffers = 3, .buffers = buffers, .release = release_array},
    };

    rr_recording_stream_log(stream, (rr_data_row){string("log"), 1, &batch}, true, error);
}

static int run(char **argv)
{
    pid_t pid;
    int status;

    if (strcmp(argv[0], "--system") == 0)
        return argv[1] != NULL ? system(argv[1]) : 2;
    if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0 ||
        waitpid(pid, &status, 0) != pid)
        return 9;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 8;
}

int main(int argc, char **argv)
{
    rr_error error = {0};
    rr_store_info info = {string("official"), string(""), RR_STORE_KIND_RECORDING};

    if (argc < 2)
        return 2;
    rr_recording_stream stream = rr_recording_stream_new(&info, true, false, &error);
    rr_component_type_handle type = register_text(&error);
    log_text(stream, type, argv[1], &error);
    if (error.code != 0) {
        fprintf(stderr, "official_logger: %s\n", error.description);
        _exit(7);
    }
    _exit(argc > 2 ? run(argv + 2) : 0);
}
