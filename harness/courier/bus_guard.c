/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The SIGBUS guard around reads and writes of spool mappings. The courier has one thread, so one
 * static place to jump to is enough.
 */
#include "harness/courier/bus_guard.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

static sigjmp_buf *volatile guarded;

static void leave_body(int signal_number)
{
    sigjmp_buf *point = guarded;

    if (point != NULL)
        siglongjmp(*point, 1);
    /* Not ours: the access is made again on return, and ends the process. */
    signal(signal_number, SIG_DFL);
}

/* SA_NODEFER: the jump leaves the handler for good, so nothing may stay blocked. */
static void install(void)
{
    static bool is_installed;
    struct sigaction action = {.sa_handler = leave_body, .sa_flags = SA_NODEFER};

    if (is_installed)
        return;
    sigemptyset(&action.sa_mask);
    is_installed = sigaction(SIGBUS, &action, NULL) == 0;
}

bool bus_guard_run(void (*body)(void *context), void *context)
{
    sigjmp_buf point;

    install();
    if (sigsetjmp(point, 0) != 0) {
        guarded = NULL;
        return false;
    }
    guarded = &point;
    body(context);
    guarded = NULL;
    return true;
}
