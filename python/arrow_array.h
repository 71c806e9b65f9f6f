/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Arrow arrays of Python, by the PyCapsule interface of the Arrow C data interface:
 * https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html
 * Everything here needs the GIL.
 */
#pragma once

#include "python/python_api.h"

#include "sdk/include/rerun.h"

#include <stdbool.h>

/*
 * An array on loan: schema and array are copies whose release does nothing, so that they can be
 * passed to functions that take ownership. They are valid as long as `capsules`, a new reference,
 * whose own destructors release what was exported.
 */
struct arrow_loan {
    PyObject *capsules;
    struct ArrowSchema schema;
    struct ArrowArray array;
};

/*
 * Borrows an array; of a dictionary its values, as the SDK has no kind for those. Returns false
 * with an exception, and nothing to give back.
 */
bool arrow_loan_take(PyObject *array, struct arrow_loan *ret_loan);

/* Gives it back. */
void arrow_loan_return(struct arrow_loan *loan);

/* Lends a child of an array as an array of its own; `schema` and `array` are its parents. */
struct ArrowSchema arrow_loan_child_schema(const struct ArrowSchema *schema, int64_t index);

/* About how many values lie in an array and below it: whether a walk through it will take long. */
uint64_t arrow_loan_weight(const struct ArrowArray *array);
