/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a process can see of how it was started, as lines "LABEL WHAT: VALUE".
 */
#pragma once

/*
 * Looks at this process and appends all that it finds to `file`, in one write. Looks first and
 * opens then, so that the lists of descriptors and mappings are the process's own. label  how this
 * process was started; stands in front of every line argv   its arguments, or NULL: then none are
 * told Exits with status 98 where there is no memory for the lines, or the file cannot be written.
 */
void facts_tell(const char *file, const char *label, char **argv);

/* Notes what holds only at the very start of main, before anything else was called. */
void facts_at_start(void);
