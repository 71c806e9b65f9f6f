/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The first thing that a courier does: what the one before it had decided, but did not live to do.
 */
#pragma once

#include <sys/types.h>

/*
 * Finishes a commit that the session's journal says was decided: stores its read positions into the
 * spools, which must belong to `owner`. Returns 0, also when there is nothing to do or no usable
 * journal (who opens it next will say so); -ENOMEM and others of opendir(3).
 */
__attribute__((warn_unused_result)) int redo_commit(int session, uid_t owner);
