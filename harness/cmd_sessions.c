/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * lastword sessions: what couriers and programs have left behind, and the command that finishes it.
 *
 * --clean removes what holds no rows and is used by nobody; rows are never removed here.
 */
#include "harness/cmd_sessions.h"

#include "harness/commands.h"
#include "harness/courier/session_look.h"
#include "harness/supervise/session_end.h"
#include "sdk/spool/session.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: lastword sessions [--clean]\n"
    "\n"
    "Lists this user's sessions: what each holds, and the command that finishes it.\n"
    "\n"
    "      --clean           removes sessions that hold no rows and that nobody uses\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0, also when there are none. 2: the command line cannot be understood.\n";

#define MAX_BASES 8

struct list {
    bool cleans;
    struct stat bases[MAX_BASES]; /* that were visited: two variables may name the same folder */
    size_t n_bases;
    size_t n_shown;
    size_t n_cleaned;
};

/* --- One session --------------------------------------------------------------------------------
 */

static const char *describe(const struct session_state *state)
{
    if (state->is_served)
        return "is being stored";
    if (state->n_running > 0)
        return "programs still run";
    if (state->n_unreadable > 0)
        return "has damaged spools, or of another version";
    if (state->has_journal && !state->is_cleaning)
        return "was interrupted";
    return state->rows_waiting > 0 ? "was never stored" : "holds nothing";
}

static void format_size(uint64_t bytes, char *text, size_t size)
{
    static const char units[] = "BKMG";
    size_t unit = 0;

    while (bytes >= 10240 && unit < 3) {
        bytes /= 1024;
        unit++;
    }
    snprintf(text, size, "%llu %c", (unsigned long long)bytes, units[unit]);
}

static void format_time(uint64_t seconds, char *text, size_t size)
{
    time_t time = (time_t)seconds;
    struct tm parts;

    if (localtime_r(&time, &parts) == NULL || strftime(text, size, "%F %T", &parts) == 0)
        snprintf(text, size, "?");
}

static void show(const char *path, const struct session_state *state)
{
    char changed[32];
    char bytes[32];

    format_time(state->changed_s, changed, sizeof(changed));
    format_size(state->bytes, bytes, sizeof(bytes));
    printf("%s\n    %s; last change %s, %zu spool%s, %s", path, describe(state), changed,
           state->n_spools + state->n_unreadable,
           state->n_spools + state->n_unreadable == 1 ? "" : "s", bytes);
    if (!state->is_served)
        printf(", %llu rows waiting", (unsigned long long)state->rows_waiting);
    putchar('\n');
    if (state->output[0] != 0)
        printf("    recording: %s\n", state->output);
    if (!state->is_served && (state->rows_waiting > 0 || state->has_journal))
        printf("    finish it: lastword deliver %s\n", path);
}

static void handle(struct list *list, const char *path)
{
    struct session_state state;

    if (session_look(path, &state) < 0)
        return; /* gone meanwhile, or somebody else's */
    if (list->cleans && session_is_spent(&state)) {
        session_discard(path);
        list->n_cleaned++;
        return;
    }
    show(path, &state);
    list->n_shown++;
}

/* --- All of them --------------------------------------------------------------------------------
 */

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Tells whether this folder exists and was not visited yet. */
static bool is_new(struct list *list, const char *folder)
{
    struct stat *status = &list->bases[list->n_bases];

    if (list->n_bases == MAX_BASES || stat(folder, status) < 0)
        return false;
    for (size_t i = 0; i < list->n_bases; i++) {
        if (list->bases[i].st_dev == status->st_dev && list->bases[i].st_ino == status->st_ino)
            return false;
    }
    list->n_bases++;
    return true;
}

static int visit_base(const char *base, void *context)
{
    char parent[SESSION_PATH_SIZE];
    char path[SESSION_PATH_SIZE + 256];
    struct dirent **names;
    int n = -1;

    if (session_parent(base, parent) == 0 && is_new(context, parent))
        n = scandir(parent, &names, is_shown, alphasort);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%s/%s", parent, names[i]->d_name);
        handle(context, path);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return 0;
}

/* Returns -1 to go on, or an exit status. */
static int parse(struct list *list, int argc, char **argv)
{
    static const struct option long_options[] = {
        {"clean", no_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    optind = 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        if (option == 'h')
            return fputs(help, stdout) == EOF ? STATUS_FAULT : STATUS_OK;
        if (option != 'c') {
            fprintf(stderr,
                    "lastword: sessions: option '%s' cannot be understood; see `lastword sessions "
                    "--help`\n",
                    argv[optind - 1]);
            return STATUS_USAGE;
        }
        list->cleans = true;
    }
    if (optind == argc)
        return -1;
    fputs("lastword: sessions: takes no arguments; see `lastword sessions --help`\n", stderr);
    return STATUS_USAGE;
}

int cmd_sessions(int argc, char **argv)
{
    struct list list = {0};
    int status = parse(&list, argc, argv);

    if (status < 0) {
        session_bases(visit_base, &list);
        if (list.n_shown == 0 && list.n_cleaned == 0)
            puts("no sessions");
        if (list.n_cleaned > 0)
            printf("%zu session%s removed\n", list.n_cleaned, list.n_cleaned == 1 ? "" : "s");
        status = STATUS_OK;
    }
    return command_end(status);
}
