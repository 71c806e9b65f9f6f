/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From the type of an Arrow array to the flat tree of sdk/record/datatype.h. No state. */
#pragma once

#include "sdk/argument.h"
#include "sdk/record/datatype.h"

/*
 * Reads the type of a component. The root gets the name "item" and may be null, as Rerun's lists
 * have it, whatever the schema says. The schema stays the caller's.
 * Returns true, or false with the call's error set: ARROW_FFI_SCHEMA_IMPORT_ERROR, NOT_IMPLEMENTED.
 */
bool schema_read(const struct argument_call *call, const struct ArrowSchema *schema,
                 struct datatype *ret_datatype);
