/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Listing and cleaning a session directory. No state.
 */
#include "harness/courier/session_files.h"

#include "sdk/spool/session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool ends_with(const char *name, const char *suffix)
{
    size_t size = strlen(name);
    size_t suffix_size = strlen(suffix);

    return size > suffix_size && strcmp(name + size - suffix_size, suffix) == 0;
}

static int is_spool(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && ends_with(entry->d_name, SESSION_SPOOL_SUFFIX);
}

static int is_rest(const struct dirent *entry)
{
    return ends_with(entry->d_name, SESSION_SIDE_SUFFIX) ||
           (entry->d_name[0] == '.' && ends_with(entry->d_name, SESSION_SPOOL_SUFFIX));
}

/* scandir by descriptor: scandirat would use it as the base of a relative path, and so do we. */
static int list(int session, int (*filter)(const struct dirent *), struct dirent ***ret_names)
{
    int n = scandirat(session, ".", ret_names, filter, alphasort);

    return n < 0 ? -errno : n;
}

int session_visit_spools(int session, int (*visit)(void *context, const char *name), void *context)
{
    struct dirent **names;
    int n = list(session, is_spool, &names);
    int result = 0;

    if (n < 0)
        return n;
    for (int i = 0; i < n; i++) {
        if (result == 0)
            result = visit(context, names[i]->d_name);
        free(names[i]);
    }
    free(names);
    return result;
}

static int stop(void *context, const char *name)
{
    (void)context;
    (void)name;
    return 1;
}

bool session_has_spools(int session)
{
    return session_visit_spools(session, stop, NULL) > 0;
}

void session_remove_rest(int session)
{
    struct dirent **names;
    int n = list(session, is_rest, &names);

    for (int i = 0; i < n; i++) {
        (void)!unlinkat(session, names[i]->d_name, 0);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}
