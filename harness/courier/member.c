/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Members of families. Owned by the courier's one thread.
 */
#include "harness/courier/member.h"

#include "harness/courier/clock_ns.h"
#include "harness/courier/liveness.h"
#include "harness/courier/served_family.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

static struct member *make_member(struct served_family *family, struct writer *writer)
{
    struct process_table *processes = &family->context->recorder->processes;
    struct member *member = calloc(1, sizeof(*member));

    if (member == NULL)
        return NULL;
    *member = (struct member){
        .family = family,
        .writer = writer,
        .process = process_table_get(processes, family->map.family, writer->serial),
        .descriptor = -1,
        .left_after = UINT64_MAX,
        .next = family->members,
    };
    if (member->process == NULL) {
        free(member);
        return NULL;
    }
    family->members = member;
    writer->owner = member;
    return member;
}

struct member *member_of(struct served_family *family, struct writer *writer)
{
    return writer->owner != NULL ? writer->owner : make_member(family, writer);
}

void member_destroy(struct member *member)
{
    if (member == NULL)
        return;
    if (member->descriptor >= 0)
        close(member->descriptor); /* which takes it out of the epoll set */
    free(member);
}

void member_is_over(struct member *member)
{
    if (!member->is_over)
        member->over_ns = clock_ns(CLOCK_REALTIME);
    member->is_over = true;
}

void member_check(struct member *member)
{
    if (member->descriptor < 0 || !liveness_is_over(member->descriptor))
        return;
    close(member->descriptor);
    member->descriptor = -1;
    member_is_over(member);
}

/*
 * Once one of the family was seen under its pid, the pids of all mean something here. Where nobody
 * was seen, they may be those of a container: then only the end of the whole family is known.
 */
static bool has_our_pids(struct served_family *family, uint32_t pid)
{
    if (!family->has_our_pids)
        family->has_our_pids = liveness_maps(pid, family->map.name) ||
                               liveness_maps(family->map.creator_pid, family->map.name);
    return family->has_our_pids;
}

/* By a pid that means something here. */
static void watch_pid(struct member *member)
{
    struct served_family *family = member->family;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = member};
    int descriptor;

    if (member->descriptor >= 0 || member->is_over)
        return;
    descriptor = liveness_open(member->writer->pid, member->writer->claimed_ns);
    if (descriptor == -ESRCH)
        member_is_over(member);
    if (descriptor >= 0 &&
        epoll_ctl(family->context->epoll, EPOLL_CTL_ADD, descriptor, &event) < 0) {
        close(descriptor);
        descriptor = -1;
    }
    member->descriptor = descriptor < 0 ? -1 : descriptor;
    member->writer->is_watched = member->descriptor >= 0;
}

/* The first of a family that is seen tells of the others too: they may have ended before we looked.
 */
static void watch(struct member *member)
{
    struct served_family *family = member->family;
    bool was_known = family->has_our_pids;

    if (!has_our_pids(family, member->writer->pid))
        return;
    if (was_known) {
        watch_pid(member);
        return;
    }
    for (struct member *one = family->members; one != NULL; one = one->next)
        watch_pid(one);
}

static int log_event(const struct member *member, uint16_t kind, uint64_t time_ns,
                     const void *payload, size_t size)
{
    return recorder_event(member->family->context->recorder,
                          &(struct event){
                              .kind = kind,
                              .family = member->process->family,
                              .serial = member->process->serial,
                              .time_ns = time_ns,
                          },
                          payload, size);
}

static int log_found(const struct member *member)
{
    const struct writer *writer = member->writer;
    uint64_t boot_ns = clock_ns(CLOCK_BOOTTIME);
    uint64_t age_ns = boot_ns > writer->claimed_ns ? boot_ns - writer->claimed_ns : 0;
    const struct event_process seen = {
        .pid = writer->pid,
        .parent_pid = writer->parent_pid,
        .parent_serial = writer->parent_serial,
        .claimed_ns = writer->claimed_ns,
    };

    return log_event(member, EVENT_PROCESS, clock_ns(CLOCK_REALTIME) - age_ns, &seen, sizeof(seen));
}

int member_welcome(struct member *member)
{
    int result = member->process->claimed_ns == 0 ? log_found(member) : 0;

    if (member->process->is_gone)
        member->is_over = true;
    else
        watch(member);
    return result;
}

int member_log_gone(const struct member *member)
{
    if (member->process->is_gone)
        return 0;
    return log_event(member, EVENT_PROCESS_GONE,
                     member->over_ns != 0 ? member->over_ns : clock_ns(CLOCK_REALTIME), NULL, 0);
}
