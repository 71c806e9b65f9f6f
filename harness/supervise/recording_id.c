/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Makes and checks recording ids. No state.
 */
#include "harness/supervise/recording_id.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

int recording_id_generate(char *ret_id)
{
    uint8_t bytes[16];

    /* So few bytes come whole, or not at all. */
    if (getrandom(bytes, sizeof(bytes), 0) < 0) {
        return -errno;
    }
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40); /* version 4 */
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80); /* variant of the RFC */
    char *end = stpcpy(ret_id, "rec_");
    for (size_t i = 0; i < sizeof(bytes); i++) {
        end += sprintf(end, "%02x", bytes[i]);
    }
    return 0;
}

bool recording_id_is_valid(const char *id)
{
    size_t length = strlen(id);

    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)id[i] < 0x20 || id[i] == 0x7f) {
            return false;
        }
    }
    return length > 0 && length < RECORDING_ID_SIZE;
}
