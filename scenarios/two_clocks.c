/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Parent and child use one name for timelines of two types. No index of a recording can say that,
 * but the rows must be there.
 */
#include <lastword.h>

#include <sys/wait.h>
#include <unistd.h>

static void say(rr_time_type type, int64_t value, const char *what)
{
    rr_recording_stream_set_time(RR_REC_STREAM_CURRENT_RECORDING, rr_make_string("clock"), type,
                                 value, NULL);
    lw_log_text("log", NULL, what, NULL);
}

int main(void)
{
    if (!lw_init(&(struct lw_options){.application_id = "two_clocks"}, NULL))
        return 1;
    say(RR_TIME_TYPE_SEQUENCE, 7, "counts");
    if (fork() == 0) {
        say(RR_TIME_TYPE_DURATION, 7000000, "measures");
        _exit(0);
    }
    return wait(NULL) < 0;
}
