/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Rerun's multiprocessing example in C: a parent and three forked children log to one recording.
 * The children neither initialise nor flush, and end as roughly as you like:
 *
 *     lastword run -o m.rrd -- multiprocess --end kill
 */
#include <lastword.h>

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_CHILDREN 3

static const char usage[] =
    "usage: multiprocess [--end HOW] [--root-end HOW] [--save FILE] [--recording-id ID] [--help]\n"
    "\n"
    "Logs one line of text and one box from itself and from each of 3 forked children.\n"
    "\n"
    "  --end HOW       how the children end: return, exit, _exit (default), exec, abort, kill\n"
    "  --root-end HOW  how the parent ends: return (default) once its children have ended, or in\n"
    "                  another of these ways at once\n";

static void fail(const rr_error *error)
{
    fprintf(stderr, "multiprocess: %s\n", error->description);
    exit(1);
}

static void task(int index)
{
    const float first_box[] = {5, 5, 80, 80};
    const float box[] = {10 + 10 * (float)index, 20 + 5 * (float)index, 30, 40};
    char title[20];
    const char *label = title;
    rr_error error = {0};

    snprintf(title, sizeof(title), "task_%d", index);
    if (!lw_log_textf("log", LW_LEVEL_INFO, &error,
                      "Logging from pid=%d, thread=%d using the rerun recording id %s", getpid(),
                      gettid(), lw_recording_id()) ||
        !lw_log_boxes2d(title,
                        &(struct lw_boxes2d){.format = LW_BOX2D_XYWH,
                                             .n_boxes = 1,
                                             .boxes = index == 0 ? first_box : box,
                                             .n_labels = 1,
                                             .labels = &label},
                        &error))
        fail(&error);
}

/* Ends the process, or returns the status for main to return. */
static int end_by(const char *how)
{
    if (!strcmp(how, "exit"))
        exit(0);
    if (!strcmp(how, "_exit"))
        _exit(0);
    if (!strcmp(how, "exec"))
        return execlp("true", "true", NULL);
    if (!strcmp(how, "abort"))
        abort();
    if (!strcmp(how, "kill"))
        return raise(SIGKILL);
    return 0;
}

static const char *check_end(const char *how)
{
    static const char *const known[] = {"return", "exit", "_exit", "exec", "abort", "kill"};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!strcmp(how, known[i]))
            return how;
    }
    fprintf(stderr, "multiprocess: there is no ending \"%s\"\n\n%s", how, usage);
    exit(2);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"end", required_argument, NULL, 'e'},  {"root-end", required_argument, NULL, 'r'},
        {"save", required_argument, NULL, 's'}, {"recording-id", required_argument, NULL, 'i'},
        {"help", no_argument, NULL, 'h'},       {0},
    };
    struct lw_options recording = {.application_id = "rerun_example_multiprocessing"};
    const char *end = "_exit";
    const char *root_end = "return";
    rr_error error = {0};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
        if (option == 'e')
            end = check_end(optarg);
        else if (option == 'r')
            root_end = check_end(optarg);
        else if (option == 's')
            recording.save = optarg;
        else if (option == 'i')
            recording.recording_id = optarg;
        else {
            fputs(usage, option == 'h' ? stdout : stderr);
            return option == 'h' ? 0 : 2;
        }
    }
    if (!lw_init(&recording, &error))
        fail(&error);
    task(0);
    for (int index = 1; index <= N_CHILDREN; index++) {
        pid_t child = fork();

        if (child < 0)
            perror("multiprocess: fork");
        if (child == 0) {
            task(index);
            return end_by(end);
        }
    }
    while (!strcmp(root_end, "return") && wait(NULL) > 0)
        continue;
    return end_by(root_end);
}
