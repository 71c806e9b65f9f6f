/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A program that is no Python, but has one in it: runs its first argument, twice if there is a
 * second. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static int run(const char *source)
{
    int result;

    Py_Initialize();
    result = PyRun_SimpleString(source);
    return Py_FinalizeEx() < 0 || result < 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    return run(argv[1]) || (argc > 2 && run(argv[2]));
}
