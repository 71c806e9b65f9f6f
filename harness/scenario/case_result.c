/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The words for verdicts, the same in every report. No state. */
#include "harness/scenario/case_result.h"

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[N_VERDICTS] = {
        [VERDICT_PASS] = "pass",       [VERDICT_FAIL] = "fail",   [VERDICT_UNKNOWN] = "unknown",
        [VERDICT_SKIPPED] = "skipped", [VERDICT_FLAKY] = "flaky", [VERDICT_XFAIL] = "xfail",
        [VERDICT_XPASS] = "xpass",     [VERDICT_FAULT] = "fault",
    };
    return names[verdict];
}
