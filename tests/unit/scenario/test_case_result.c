/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every verdict has a word of its own. */
#include "harness/scenario/case_result.h"

#include <criterion/criterion.h>
#include <string.h>

Test(case_result, verdicts_have_names)
{
    for (enum verdict a = 0; a < N_VERDICTS; a++) {
        cr_assert_not_null(verdict_name(a));
        for (enum verdict b = 0; b < a; b++) {
            cr_assert_str_neq(verdict_name(a), verdict_name(b));
        }
    }
    cr_assert_str_eq(verdict_name(VERDICT_PASS), "pass");
    cr_assert_str_eq(verdict_name(VERDICT_FAULT), "fault");
}
