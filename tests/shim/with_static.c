/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A static program: execs `PROGRAM _exit 3`, PROGRAM being its last argument. */
#include <unistd.h>

int main(int argc, char **argv)
{
    execl(argv[argc - 1], argv[argc - 1], "_exit", "3", NULL);
    return 97;
}
