/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Keeps schemas away from nanoarrow that would cost it far more than their size.
 *
 * A flatbuffer may refer to one field from many places. A few hundred bytes can so describe more
 * fields than any memory holds, and the verifier, which walks them all, would not come back.
 */
#pragma once

#include "harness/wire/flatbuffer.h"

#define SCHEMA_MAX_DEPTH 16 /* of nested types */

/*
 * Checks the flatbuffer of a Message that should hold a Schema. Returns 0 when walking it costs no
 * more than some times its size; -ENOTSUP when a field is dictionary-encoded, which Rerun never
 * does; -EBADMSG otherwise. It does not replace the verifier. Thread-safe.
 */
__attribute__((warn_unused_result)) int schema_guard_check(const struct flatbuffer *message);
