/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Borrowing Arrow arrays from Python. No state. */
#include "python/arrow_array.h"

#define MAX_DEPTH 16 /* deeper types are refused elsewhere */

static void release_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static void release_array(struct ArrowArray *array)
{
    array->release = NULL;
}

/* Raises the TypeError of the official SDK for an object that is no array. */
static void refuse(PyObject *object)
{
    PyObject *module = PyObject_GetAttrString((PyObject *)Py_TYPE(object), "__module__");
    PyObject *name = PyObject_GetAttrString((PyObject *)Py_TYPE(object), "__qualname__");

    if (module && name)
        PyErr_Format(PyExc_TypeError, "Expected instance of pyarrow.lib.Array, got %S.%S", module,
                     name);
    Py_XDECREF(module);
    Py_XDECREF(name);
}

/* The capsules (schema, array) of an object; NULL with an exception. */
static PyObject *export_array(PyObject *array)
{
    PyObject *method = PyObject_GetAttrString(array, "__arrow_c_array__");
    PyObject *capsules = method ? PyObject_CallNoArgs(method) : NULL;

    Py_XDECREF(method);
    if (!method) {
        PyErr_Clear();
        refuse(array);
    }
    return capsules;
}

/* Whoever imports an array takes it out of its capsules, which may be seen once more. */
static bool check_content(const struct ArrowSchema *schema, const struct ArrowArray *array)
{
    if (schema->release && array->release)
        return true;
    PyErr_SetString(PyExc_ValueError, "Cannot import released ArrowArray");
    return false;
}

static bool take(PyObject *array, struct arrow_loan *ret_loan)
{
    PyObject *capsules = export_array(array);
    PyObject *first = capsules ? PyTuple_GetItem(capsules, 0) : NULL;
    PyObject *second = first ? PyTuple_GetItem(capsules, 1) : NULL;
    const struct ArrowSchema *schema = second ? PyCapsule_GetPointer(first, "arrow_schema") : NULL;
    const struct ArrowArray *exported = schema ? PyCapsule_GetPointer(second, "arrow_array") : NULL;

    if (!exported || !check_content(schema, exported)) {
        Py_XDECREF(capsules);
        return false;
    }
    *ret_loan = (struct arrow_loan){capsules, *schema, *exported};
    ret_loan->schema.release = release_schema;
    ret_loan->array.release = release_array;
    return true;
}

/* In the place of a dictionary on loan its values, one after the other. */
static bool decode(PyObject *array, struct arrow_loan *loan)
{
    PyObject *decoded = PyObject_CallMethod(array, "dictionary_decode", NULL);
    bool is_taken;

    arrow_loan_return(loan);
    is_taken = decoded && take(decoded, loan);
    Py_XDECREF(decoded); /* the capsules own what they hold */
    return is_taken;
}

bool arrow_loan_take(PyObject *array, struct arrow_loan *ret_loan)
{
    if (!take(array, ret_loan))
        return false;
    return !ret_loan->schema.dictionary || decode(array, ret_loan);
}

void arrow_loan_return(struct arrow_loan *loan)
{
    Py_CLEAR(loan->capsules);
}

struct ArrowSchema arrow_loan_child_schema(const struct ArrowSchema *schema, int64_t index)
{
    struct ArrowSchema child = *schema->children[index];

    child.release = release_schema;
    return child;
}

static uint64_t weigh(const struct ArrowArray *array, int depth)
{
    uint64_t weight = (uint64_t)array->length;

    for (int64_t i = 0; depth < MAX_DEPTH && i < array->n_children; i++)
        weight += weigh(array->children[i], depth + 1);
    return weight;
}

uint64_t arrow_loan_weight(const struct ArrowArray *array)
{
    return weigh(array, 0);
}
