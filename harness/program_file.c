/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Looks at program files. No state.
 */
#include "harness/program_file.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Path of our own dynamic loader; "" where there is none. */
static const char *own_loader(void)
{
    Dl_info info;
    uintptr_t base = (uintptr_t)getauxval(AT_BASE);

    return base != 0 && dladdr((const void *)base, &info) != 0 && info.dli_fname != NULL
               ? info.dli_fname
               : "";
}

/* Root has all of them already: nothing changes for it. */
static bool has_capabilities(const char *path)
{
    return geteuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0;
}

struct target program_file_look(const char *path, bool wants_needed)
{
    struct target target = target_look(AT_FDCWD, path, 0, own_loader(), wants_needed);

    if (target.reason == UNCOVERED_NOT && has_capabilities(path)) {
        target.reason = UNCOVERED_SETUID;
        target.needs_rerun_c = false;
    }
    return target;
}
