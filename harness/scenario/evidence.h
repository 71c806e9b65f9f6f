/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Keeps the recording of a case that failed: rows and processes, in a file that `verify` reads and,
 * after `zstd -d`, the viewer.
 */
#pragma once

/*
 * Writes FOLDER/NAME.rrd.zst, where NAME is the case's name with %2F for '/' and the like; an older
 * one is replaced. The folder is made if need be. ret_path gets the path, for
 * free(3). Errors: of mkdir, open, read, write and rename; -ENOMEM. Nothing is left behind then.
 */
__attribute__((warn_unused_result)) int evidence_keep(const char *folder, const char *name,
                                                      const char *recording, char **ret_path);
