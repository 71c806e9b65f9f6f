/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Prints the normal form of each name, one a line.
 *
 *     normalise_name entity|application NAME...
 */
#include "harness/wire/entity_path.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct buffer out;

    buffer_init(&out, BUFFER_NO_LIMIT);
    for (int i = 2; i < argc; i++) {
        struct string_view name = string_view_of(argv[i]);
        int error = strcmp(argv[1], "entity") == 0 ? entity_path_normalise(name, &out)
                                                   : application_id_normalise(name, &out);

        if (error != 0 || buffer_append(&out, "\n", 1) != 0)
            return 1;
    }
    (void)fwrite(out.data, 1, out.size, stdout);
    buffer_done(&out);
    return 0;
}
