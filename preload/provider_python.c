/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * How the shim gets into CPython, 3.8 to 3.13, with -S, -I, -E, -X dev and in virtual environments
 * alike: by an audit hook (PEP 578). A hook that is added before the interpreter is up makes -X dev
 * abort, and one that is there makes each audited event dearer. So a built-in module that rerun
 * needs, and the start of an interpreter does not, gets an init function of ours that adds it. At
 * each import the hook looks whether rerun_bindings is complete, and then hands it to
 * liblastword-python.so. From there on it does nothing.
 *
 * Everything but python_detect runs with the GIL, in ordinary code of the program: never in a fork
 * or exit path, so the four rules of preload do not bind it. State: written by the constructor, or
 * under the GIL.
 */
#include "preload/env.h"
#include "preload/process.h"
#include "preload/provider.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Part of functools, which rerun imports first of all. Built in since CPython 2.6. */
#define NEEDED_MODULE "_functools"

typedef struct _object PyObject;
typedef int (*audit_hook)(const char *event, PyObject *args, void *data);

/* A row of PyImport_Inittab. */
struct builtin_module {
    const char *name;
    PyObject *(*init)(void);
};

/* CPython's table of built-in modules: found at once by the dynamic linker, NULL in other programs.
 */
extern struct builtin_module *PyImport_Inittab __attribute__((weak));

static struct {
    const char *shim_path;
    PyObject *(*init_module)(void);
    int (*add_audit_hook)(audit_hook hook, void *data);
    PyObject *(*module_dict)(void);
    PyObject *(*dict_get)(PyObject *dict, const char *name);
    PyObject *(*get_attribute)(PyObject *object, const char *name);
    int (*is_true)(PyObject *object);
    void (*release)(PyObject *object);
    void (*clear_error)(void);
    void *(*interpreter)(void);      /* NULL before 3.9 */
    void *(*main_interpreter)(void); /* so is this, if only one is there */
    atomic_bool has_hook;
    bool has_told_of_others;
    bool is_done; /* rerun_bindings was found; guarded by the GIL */
} python;

/* --- Attaching ------------------------------------------------------------ */

/* An attribute as a truth value; -1 if there is none. */
static int attribute_is_true(PyObject *object, const char *name)
{
    PyObject *value = python.get_attribute(object, name);
    int answer = value ? python.is_true(value) : -1;

    if (value)
        python.release(value);
    else
        python.clear_error();
    return answer;
}

/* Whether the import of a module has ended: the import system takes the mark away then. */
static bool is_complete(PyObject *module)
{
    PyObject *spec = python.get_attribute(module, "__spec__");
    int is_initializing = spec ? attribute_is_true(spec, "_initializing") : -1;

    if (spec)
        python.release(spec);
    else
        python.clear_error();
    return is_initializing <= 0;
}

/* Writes `one` and `other`, one after the other, cut to fit. */
static void join(char *text, size_t size, const char *one, const char *other)
{
    size_t used = strnlen(one, size - 1);
    size_t more = strnlen(other, size - 1 - used);

    memcpy(text, one, used);
    memcpy(text + used, other, more);
    text[used + more] = '\0';
}

/* Loads our library: it lies beside the shim, or, in a build tree, in the neighbouring folder. */
static void *load(void)
{
    static const char *const places[] = {"/liblastword-python.so",
                                         "/../python/liblastword-python.so"};
    char folder[PATH_MAX], path[PATH_MAX + 64];
    void *library = NULL;

    if (!realpath(python.shim_path, folder))
        return NULL;
    *strrchr(folder, '/') = '\0';
    for (size_t i = 0; !library && i < sizeof(places) / sizeof(*places); i++) {
        join(path, sizeof(path), folder, places[i]);
        library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    }
    return library;
}

/* What the dynamic linker says of the last place. */
static void tell_missing(void)
{
    const char *problem = dlerror();
    char text[RECORD_MAX_NOTE];

    join(text, sizeof(text),
         "rerun-sdk: ", problem ? problem : "liblastword-python.so cannot be loaded");
    process_note(NOTE_NOT_COVERED, text);
}

static void attach(PyObject *bindings)
{
    void *library = load();
    void (*attach_to)(void *bindings) = NULL;
    void *found = library ? dlsym(library, "lastword_python_attach") : NULL;

    memcpy(&attach_to, &found, sizeof(found));
    if (attach_to)
        attach_to(bindings);
    else
        tell_missing();
}

/*
 * Whether this is the main interpreter. Others have a copy of their own of the module, where it can
 * be imported there at all: it is left alone, and that is told once.
 */
static bool is_main(void)
{
    if (!python.interpreter || !python.main_interpreter ||
        python.interpreter() == python.main_interpreter())
        return true;
    if (!python.has_told_of_others)
        process_note(NOTE_NOT_COVERED, "rerun-sdk: not in a subinterpreter");
    python.has_told_of_others = true;
    return false;
}

static int audit(const char *event, PyObject *args, void *data)
{
    PyObject *modules, *bindings;

    (void)args, (void)data;
    if (python.is_done || strcmp(event, "import") != 0)
        return 0;
    modules = python.module_dict();
    bindings = modules ? python.dict_get(modules, "rerun_bindings") : NULL;
    if (!bindings || !is_complete(bindings) || !is_main())
        return 0;
    python.is_done = true;
    attach(bindings);
    return 0;
}

/* --- Entering ------------------------------------------------------------- */

/* Looks a function up; `slot` is a pointer to a pointer to a function. */
static bool resolve(const char *name, void *slot)
{
    void *found = dlsym(RTLD_DEFAULT, name);

    memcpy(slot, &found, sizeof(found));
    if (!found)
        dlerror(); /* ours: the program shall not find it */
    return found;
}

static bool resolve_all(void)
{
    (void)!(resolve("PyInterpreterState_Get", &python.interpreter) &&
            resolve("PyInterpreterState_Main", &python.main_interpreter));
    return resolve("PySys_AddAuditHook", &python.add_audit_hook) &&
           resolve("PyImport_GetModuleDict", &python.module_dict) &&
           resolve("PyDict_GetItemString", &python.dict_get) &&
           resolve("PyObject_GetAttrString", &python.get_attribute) &&
           resolve("PyObject_IsTrue", &python.is_true) && resolve("Py_DecRef", &python.release) &&
           resolve("PyErr_Clear", &python.clear_error);
}

static PyObject *init_module(void)
{
    if (!atomic_exchange(&python.has_hook, true) && resolve_all() &&
        python.add_audit_hook(audit, NULL) < 0)
        python.clear_error();
    return python.init_module();
}

bool python_detect(const struct provider_asked *asked)
{
    (void)asked; /* nobody has to */
    if (!&PyImport_Inittab)
        return false;
    python.shim_path = shim.env->shim;
    for (struct builtin_module *module = PyImport_Inittab; module && module->name; module++) {
        if (strcmp(module->name, NEEDED_MODULE) == 0) {
            python.init_module = module->init;
            module->init = init_module;
        }
    }
    return false;
}
