/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Side files. The name comes from a spool: it may lead to nothing but a side file of the session.
 */
#include "harness/courier/side_file.h"

#include "harness/courier/file_copy.h"
#include "sdk/spool/session.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum record_kind side_file_kind(const void *payload, size_t size)
{
    struct record_side_file head;

    if (size < sizeof(head))
        return RECORD_ROW;
    memcpy(&head, payload, sizeof(head));
    return head.kind == RECORD_BLUEPRINT ? RECORD_BLUEPRINT : RECORD_ROW;
}

static int parse_name(const void *payload, size_t size, struct record_side_file *ret_head,
                      char name[SIDE_FILE_NAME_SIZE])
{
    const size_t suffix = sizeof(SESSION_SIDE_SUFFIX) - 1;

    if (size < sizeof(*ret_head))
        return -EBADMSG;
    memcpy(ret_head, payload, sizeof(*ret_head));
    if (ret_head->name_size <= suffix || ret_head->name_size >= SIDE_FILE_NAME_SIZE ||
        ret_head->name_size > size - sizeof(*ret_head) ||
        (ret_head->kind != RECORD_ROW && ret_head->kind != RECORD_BLUEPRINT))
        return -EBADMSG;
    memcpy(name, (const char *)payload + sizeof(*ret_head), ret_head->name_size);
    name[ret_head->name_size] = 0;
    if (strlen(name) != ret_head->name_size || strchr(name, '/') != NULL ||
        strcmp(name + ret_head->name_size - suffix, SESSION_SIDE_SUFFIX) != 0)
        return -EBADMSG;
    return 0;
}

static int read_file(int file, uid_t owner, uint64_t size, struct buffer *bytes)
{
    struct stat status;
    int result;

    if (fstat(file, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode) || status.st_uid != owner || (uint64_t)status.st_size != size)
        return -EBADMSG;
    if (size > SIDE_FILE_MAX_SIZE)
        return -E2BIG;
    buffer_truncate(bytes, 0);
    result = buffer_append_zeros(bytes, size);
    return result < 0 ? result : file_read_at(file, bytes->data, size, 0);
}

int side_file_read(int session, uid_t owner, const void *payload, size_t size, struct buffer *bytes,
                   char ret_name[SIDE_FILE_NAME_SIZE])
{
    struct record_side_file head;
    int result = parse_name(payload, size, &head, ret_name);
    int file;

    if (result < 0)
        return result;
    file = openat(session, ret_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0)
        return -errno;
    result = read_file(file, owner, head.size, bytes);
    close(file);
    return result;
}
