/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The version that the library claims to be. Read from the environment once, before main, so that
 * the answer never changes and no thread has to wait for another.
 */
#include "sdk/include/rerun.h"

#include "sdk/environment.h"

#include <string.h>

static char version[64] = RERUN_SDK_HEADER_VERSION;

__attribute__((constructor)) static void read_version(void)
{
    const char *wanted = environment_text("LASTWORD_RERUN_VERSION");

    if (wanted && strlen(wanted) < sizeof(version))
        strcpy(version, wanted);
}

const char *rr_version_string(void)
{
    return version;
}
