/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reading arguments; the exceptions are worded as the official SDK words them. No state. */
#include "python/arguments.h"

#include <stdarg.h>
#include <string.h>

bool arguments_parse(PyObject *args, PyObject *kwargs, const char *format, const char *const *names,
                     ...)
{
    va_list list;
    int is_right;

    va_start(list, names);
    /* Python only reads the names; its declaration is older than const. */
    is_right = PyArg_VaParseTupleAndKeywords(args, kwargs, format, (char **)(uintptr_t)names, list);
    va_end(list);
    return is_right;
}

bool argument_type(PyObject *object, bool is_right, const char *name, const char *wanted)
{
    PyObject *type_name;

    if (is_right)
        return true;
    type_name = PyObject_GetAttrString((PyObject *)Py_TYPE(object), "__name__");
    if (type_name)
        PyErr_Format(PyExc_TypeError, "argument '%s': '%U' object is not an instance of '%s'", name,
                     type_name, wanted);
    Py_XDECREF(type_name);
    return false;
}

bool argument_string(PyObject *object, const char *name, rr_string *ret_string)
{
    Py_ssize_t size;
    const char *text;

    if (!argument_type(object, PyUnicode_Check(object), name, "str"))
        return false;
    text = PyUnicode_AsUTF8AndSize(object, &size);
    if (!text)
        return false;
    if (size > UINT32_MAX) {
        PyErr_Format(PyExc_ValueError, "argument '%s' is longer than 4 GiB", name);
        return false;
    }
    *ret_string = (rr_string){text, (uint32_t)size};
    return true;
}

/* The text with \u{0000} for every NUL: a new reference, or NULL with an exception. */
static PyObject *escape_nuls(PyObject *text)
{
    PyObject *nul = PyUnicode_FromStringAndSize("", 1);
    PyObject *escape = nul ? PyUnicode_FromString("\\u{0000}") : NULL;
    PyObject *escaped = escape ? PyUnicode_Replace(text, nul, escape, -1) : NULL;

    Py_XDECREF(nul);
    Py_XDECREF(escape);
    return escaped;
}

bool argument_entity_path(PyObject *object, PyObject **ret_owner, rr_string *ret_string)
{
    *ret_owner = NULL;
    if (!argument_string(object, "entity_path", ret_string))
        return false;
    if (!memchr(ret_string->utf8, '\0', ret_string->length_in_bytes)) {
        *ret_owner = Py_NewRef(object);
        return true;
    }
    *ret_owner = escape_nuls(object);
    if (*ret_owner && argument_string(*ret_owner, "entity_path", ret_string))
        return true;
    Py_CLEAR(*ret_owner);
    return false;
}

struct argument_items argument_items(PyObject *dict)
{
    return (struct argument_items){.dict = dict, .n = PyDict_Size(dict)};
}

bool argument_next(struct argument_items *items, PyObject **ret_key, PyObject **ret_value)
{
    bool has_next = PyDict_Next(items->dict, &items->position, ret_key, ret_value);

    /* One that lost an item and got another has as many, but its walk is longer. */
    if (PyDict_Size(items->dict) != items->n || (has_next && items->n_walked == items->n)) {
        PyErr_SetString(PyExc_RuntimeError, "dictionary changed size during iteration");
        return false;
    }
    if (!has_next)
        return false;
    items->n_walked++;
    Py_INCREF(*ret_key);
    Py_INCREF(*ret_value);
    return true;
}

PyObject *argument_raise(const rr_error *error)
{
    PyErr_SetString(PyExc_RuntimeError, error->description);
    return NULL;
}

PyObject *argument_result(const rr_error *error)
{
    if (error->code != RR_ERROR_CODE_OK)
        return argument_raise(error);
    Py_RETURN_NONE;
}

static bool read_attribute(PyObject *descriptor, const char *name, PyObject **ret_owner,
                           rr_string *ret_string)
{
    *ret_string = (rr_string){NULL, 0};
    *ret_owner = PyObject_GetAttrString(descriptor, name);
    return *ret_owner && (*ret_owner == Py_None || argument_string(*ret_owner, name, ret_string));
}

/* The attributes of a descriptor; None is the empty string. The strings belong to `owners`. */
static bool read_descriptor(PyObject *descriptor, PyObject *owners[3],
                            rr_component_descriptor *ret_descriptor)
{
    return read_attribute(descriptor, "archetype", &owners[0], &ret_descriptor->archetype) &&
           read_attribute(descriptor, "component", &owners[1], &ret_descriptor->component) &&
           read_attribute(descriptor, "component_type", &owners[2],
                          &ret_descriptor->component_type);
}

bool argument_component(PyObject *descriptor, const struct ArrowSchema *schema,
                        rr_component_type_handle *ret_handle)
{
    rr_component_type component_type = {.schema = *schema};
    PyObject *owners[3] = {NULL, NULL, NULL};
    rr_error error;
    bool is_right = read_descriptor(descriptor, owners, &component_type.descriptor);

    error.code = RR_ERROR_CODE_OK;
    if (is_right)
        *ret_handle = rr_register_component_type(component_type, &error);
    for (int i = 0; i < 3; i++)
        Py_XDECREF(owners[i]);
    if (error.code != RR_ERROR_CODE_OK)
        argument_raise(&error);
    return is_right && error.code == RR_ERROR_CODE_OK;
}

void argument_blame_descriptor(PyObject *descriptor)
{
    PyObject *type, *value, *traceback, *found;

    PyErr_Fetch(&type, &value, &traceback);
    found = PyObject_GetAttrString(descriptor, "archetype");
    if (found)
        PyErr_Restore(type, value, traceback);
    else
        Py_XDECREF(type), Py_XDECREF(value), Py_XDECREF(traceback);
    Py_XDECREF(found);
}
