/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Appends the index to a recording that has none.
 *
 *     append_footer FILE
 */
#include "harness/wire/footer.h"

#include <fcntl.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct rrd_error error;
    int fd = argc == 2 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;

    if (fd < 0) {
        perror(argc == 2 ? argv[1] : "append_footer");
        return 2;
    }
    if (footer_append(fd, argv[1], &error) != 0) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    return 0;
}
