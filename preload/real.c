/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Finds the functions behind ours. Writes `real` once, in the constructor, before the program has
 * threads; read-only from then on.
 * The four rules of preload: no malloc, no stdio, no lock held across a real call, errno as found.
 * (dlsym is the exception: it locks and may allocate, so it is called here alone.)
 */
#include "preload/real.h"

#include "sdk/spool/raw_syscall.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct real_functions real;

enum need {
    REQUIRED,
    OPTIONAL,
    REPLACED,
};

struct lookup {
    char name[14];
    uint8_t need;
    uint16_t offset;
};

/* No pointers in here: a table of strings would cost a relocation for each at every start. */
static const struct lookup lookups[] = {
#define X(name, need) {#name, need, offsetof(struct real_functions, name)},
#include "preload/hooks.def"
#undef X
};

bool real_resolve(void)
{
    bool complete = true;

    for (size_t i = 0; i < sizeof(lookups) / sizeof(*lookups); i++) {
        const struct lookup *lookup = &lookups[i];
        void *found;

        if (lookup->need == REPLACED)
            continue;
        found = dlsym(RTLD_NEXT, lookup->name);
        memcpy((char *)&real + lookup->offset, &found, sizeof(found));
        if (found)
            continue;
        dlerror(); /* ours: the program shall not find it */
        if (lookup->need == REQUIRED)
            complete = false;
    }
    return complete;
}

int real_missing(void)
{
    errno = ENOSYS;
    return -1;
}

_Noreturn void real_exit_group(int status)
{
    for (;;)
        RAW_SYSCALL(SYS_exit_group, status);
}
