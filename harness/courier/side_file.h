/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Records that were too large for their spool and lie in files of the session.
 */
#pragma once

#include "harness/wire/buffer.h"
#include "sdk/record/record.h"

#include <sys/types.h>

#define SIDE_FILE_NAME_SIZE 256
#define SIDE_FILE_MAX_SIZE  ((uint64_t)2 << 30) /* bytes; a chunk cannot hold more */

/*
 * Of which kind the record in the file is, as the payload of a RECORD_SIDE_FILE says. What cannot
 * be told counts as a row: that is how it is missed.
 */
enum record_kind side_file_kind(const void *payload, size_t size);

/*
 * Reads the file that the payload of a RECORD_SIDE_FILE names into `bytes`, which it replaces.
 * `owner`: whose it must be. ret_name gets its name. Returns 0; -EBADMSG: the record or the file is
 * not what it should be; -E2BIG: larger than SIDE_FILE_MAX_SIZE; -ENOMEM; others of open(2) and
 * read(2).
 */
__attribute__((warn_unused_result)) int side_file_read(int session, uid_t owner,
                                                       const void *payload, size_t size,
                                                       struct buffer *bytes,
                                                       char ret_name[SIDE_FILE_NAME_SIZE]);
