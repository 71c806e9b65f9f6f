/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Blueprints that programs sent on their streams. Their messages stand in the outbox as they came,
 * so which stream it was is kept in the event log: the files of sinks are made from both.
 */
#pragma once

#include "harness/courier/recorder.h"

/*
 * Takes in the payload of a RECORD_BLUEPRINT: its messages go into the outbox, all or none. Returns
 * 0; -ENOENT: the definition is missing; -EBADMSG: it is damaged, or none of this application;
 * -ENOMEM; -E2BIG as recorder_event.
 */
__attribute__((warn_unused_result)) int sent_blueprint_take(struct recorder *recorder,
                                                            uint64_t family, uint64_t time_ns,
                                                            const void *payload, size_t size);

/*
 * Takes in the payload of an EVENT_BLUEPRINT. Returns 0; -EBADMSG: it is damaged, or its stream is
 * not known; -ENOMEM.
 */
__attribute__((warn_unused_result)) int sent_blueprint_apply(struct recording_table *recordings,
                                                             uint64_t family, const void *payload,
                                                             size_t size);
