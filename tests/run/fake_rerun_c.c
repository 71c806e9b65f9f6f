/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Stands in for the official librerun_c.so: it queues in memory, so its rows are gone when the
 * process leaves by _exit, and it says so loudly when it is called.
 */
#include <rerun.h>

#include <stdio.h>

#define EXPORT __attribute__((visibility("default")))

static int n_queued;

static void speak(const char *function)
{
    fprintf(stderr, "fake librerun_c: %s, %d queued\n", function, n_queued);
}

EXPORT rr_component_type_handle rr_register_component_type(rr_component_type component_type,
                                                           rr_error *error)
{
    (void)error;
    speak(__func__);
    component_type.schema.release(&component_type.schema);
    return 1;
}

EXPORT rr_recording_stream rr_recording_stream_new(const rr_store_info *store_info,
                                                   bool default_enabled, bool send_properties,
                                                   rr_error *error)
{
    (void)store_info;
    (void)default_enabled;
    (void)send_properties;
    (void)error;
    speak(__func__);
    return 1;
}

EXPORT void rr_recording_stream_log(rr_recording_stream stream, rr_data_row data_row,
                                    bool inject_time, rr_error *error)
{
    (void)stream;
    (void)inject_time;
    (void)error;
    for (uint32_t i = 0; i < data_row.num_component_batches; i++)
        data_row.component_batches[i].array.release(&data_row.component_batches[i].array);
    n_queued++;
    speak(__func__);
}
