/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What does not work yet says so, and releases what it is given. */
#include "fake_spool.h"

#include <criterion/criterion.h>
#include <string.h>

static rr_error error;

#define assert_unimplemented(name)                                                                 \
    assert_error(error, RR_ERROR_CODE_NOT_IMPLEMENTED, name " is not implemented yet: ")

Test(unimplemented, each_function_says_its_name_and_a_remedy)
{
    rr_recording_stream stream = fake_start();
    rr_string empty = {0};

    rr_spawn(NULL, &error);
    assert_unimplemented("rr_spawn");
    rr_recording_stream_serve_grpc(stream, empty, 0, empty, false, NULL, 0, &error);
    assert_unimplemented("rr_recording_stream_serve_grpc");
    rr_recording_stream_spawn(stream, NULL, &error);
    assert_unimplemented("rr_recording_stream_spawn");
    rr_recording_stream_stdout(stream, &error);
    assert_unimplemented("rr_recording_stream_stdout");
    rr_recording_stream_log_file_from_path(stream, empty, empty, false, &error);
    assert_unimplemented("rr_recording_stream_log_file_from_path");
    rr_recording_stream_log_file_from_contents(stream, empty, (rr_bytes){0}, empty, false, &error);
    assert_unimplemented("rr_recording_stream_log_file_from_contents");
    cr_assert(rr_video_asset_read_frame_timestamps_nanos(NULL, 0, empty, NULL, NULL, &error) ==
              NULL);
    assert_unimplemented("rr_video_asset_read_frame_timestamps_nanos");
    cr_assert_eq(fake_count(RECORD_ROW), 0);
}

Test(unimplemented, the_version_is_that_of_the_header)
{
    cr_assert_str_eq(rr_version_string(), RERUN_SDK_HEADER_VERSION);
    cr_assert_str_eq(RERUN_SDK_HEADER_VERSION, "0.41.0");
}
