/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Groups of processes are read and written in the same words, and nothing else is read. */
#include "harness/verify/process_selector.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(process_selector, each_form_is_read_and_written_back)
{
    static const struct {
        const char *text;
        struct process_selector selector;
    } forms[] = {
        {"root", {ROLE_ROOT, 0, 0, ""}},
        {"child", {ROLE_CHILD, 0, 0, ""}},
        {"grandchild", {ROLE_GRANDCHILD, 0, 0, ""}},
        {"child 2", {ROLE_CHILD, 2, 0, ""}},
        {"grandchild 100000", {ROLE_GRANDCHILD, 100000, 0, ""}},
        {"3 children", {ROLE_CHILD, 0, 3, ""}},
        {"1 child", {ROLE_CHILD, 0, 1, ""}},
        {"program worker", {ROLE_UNKNOWN, 0, 0, "worker"}},
        {"program worker 2", {ROLE_UNKNOWN, 2, 0, "worker"}},
        {"program 7", {ROLE_UNKNOWN, 0, 0, "7"}},
        {"program program", {ROLE_UNKNOWN, 0, 0, "program"}},
        {"3 programs worker", {ROLE_UNKNOWN, 0, 3, "worker"}},
        {"1 program python3.11", {ROLE_UNKNOWN, 0, 1, "python3.11"}},
        {"12 grandchildren", {ROLE_GRANDCHILD, 0, 12, ""}},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct process_selector selector;
        char text[SELECTOR_TEXT_SIZE];
        cr_assert_eq(process_selector_parse(forms[i].text, &selector), 0, "%s", forms[i].text);
        cr_assert_eq(selector.role, forms[i].selector.role);
        cr_assert_eq(selector.birth, forms[i].selector.birth);
        cr_assert_eq(selector.n_processes, forms[i].selector.n_processes);
        cr_assert_str_eq(selector.program, forms[i].selector.program);
        process_selector_format(&selector, text);
        cr_assert_str_eq(text, forms[i].text);
    }
}

Test(process_selector, everything_else_is_refused)
{
    static const char *const wrong[] = {
        "",
        "Root",
        "unknown",
        "root 1",
        "1 root",
        "child 0",
        "child -1",
        "child 2x",
        "child  2",
        "child ",
        " child",
        "0 children",
        "3 child",
        "1 children",
        "3children",
        "child 100001",
        "children",
        "children 2",
        "3 ",
        "99999999999999999999 children",
        "program",
        "program ",
        "program  worker",
        "program /bin/worker",
        "program worker 0",
        "program worker 2 3",
        "program my worker",
        "programs worker",
        "3 program worker",
        "1 programs worker",
        "3 programs",
        "3 programs ",
        "3 programs worker 2",
        "0 programs worker",
        "2 programsworker",
        "child 00000000000000000000000000000000000000000000001",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct process_selector selector;
        cr_assert_eq(process_selector_parse(wrong[i], &selector), -EINVAL, "'%s'", wrong[i]);
    }
}

Test(process_selector, a_name_is_as_long_as_a_file_name)
{
    struct process_selector selector;
    char text[SELECTOR_MAX_PROGRAM + 32] = "program ";
    memset(text + 8, 'a', SELECTOR_MAX_PROGRAM);
    cr_assert_eq(process_selector_parse(text, &selector), 0);
    char again[SELECTOR_TEXT_SIZE];
    process_selector_format(&selector, again);
    cr_assert_str_eq(again, text);
    text[8 + SELECTOR_MAX_PROGRAM] = 'a';
    cr_assert_eq(process_selector_parse(text, &selector), -EINVAL);
}

Test(process_selector, groups_are_of_one_role_or_one_program)
{
    const struct process_selector child = {ROLE_CHILD, 0, 0, ""}, second = {ROLE_CHILD, 2, 0, ""};
    const struct process_selector a = {ROLE_UNKNOWN, 0, 0, "a"}, b = {ROLE_UNKNOWN, 0, 0, "b"};
    cr_assert(process_selector_same_group(&child, &second));
    cr_assert(process_selector_same_group(&a, &a));
    cr_assert_not(process_selector_same_group(&a, &b));
    cr_assert_not(process_selector_same_group(&a, &child));
    cr_assert_not(process_selector_covers(&a, ROLE_UNKNOWN, 1), "programs have no role");
}

Test(process_selector, covers_by_role_and_birth)
{
    const struct process_selector each = {ROLE_CHILD, 0, 0, ""}, second = {ROLE_CHILD, 2, 0, ""};
    cr_assert(process_selector_covers(&each, ROLE_CHILD, 1));
    cr_assert(process_selector_covers(&each, ROLE_CHILD, 7));
    cr_assert_not(process_selector_covers(&each, ROLE_GRANDCHILD, 1));
    cr_assert_not(process_selector_covers(&each, ROLE_UNKNOWN, 1));
    cr_assert(process_selector_covers(&second, ROLE_CHILD, 2));
    cr_assert_not(process_selector_covers(&second, ROLE_CHILD, 1));
}
