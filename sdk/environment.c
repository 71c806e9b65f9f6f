/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reading the environment. Read-only, no state. */
#include "sdk/environment.h"

#include <stdlib.h>
#include <strings.h>

const char *environment_text(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

bool environment_switch(const char *name, bool fallback)
{
    const char *value = environment_text(name);

    if (!value)
        return fallback;
    if (!strcasecmp(value, "1") || !strcasecmp(value, "on") || !strcasecmp(value, "true"))
        return true;
    if (!strcasecmp(value, "0") || !strcasecmp(value, "off") || !strcasecmp(value, "false"))
        return false;
    return fallback;
}
