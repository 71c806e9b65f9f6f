/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Groups of processes are read and written in the same words, and nothing else is read. */
#include "harness/verify/process_selector.h"

#include <criterion/criterion.h>
#include <errno.h>

Test(process_selector, each_form_is_read_and_written_back)
{
    static const struct {
        const char *text;
        struct process_selector selector;
    } forms[] = {
        {"root", {ROLE_ROOT, 0, 0}},
        {"child", {ROLE_CHILD, 0, 0}},
        {"grandchild", {ROLE_GRANDCHILD, 0, 0}},
        {"child 2", {ROLE_CHILD, 2, 0}},
        {"grandchild 100000", {ROLE_GRANDCHILD, 100000, 0}},
        {"3 children", {ROLE_CHILD, 0, 3}},
        {"1 child", {ROLE_CHILD, 0, 1}},
        {"12 grandchildren", {ROLE_GRANDCHILD, 0, 12}},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct process_selector selector;
        char text[SELECTOR_TEXT_SIZE];
        cr_assert_eq(process_selector_parse(forms[i].text, &selector), 0, "%s", forms[i].text);
        cr_assert_eq(selector.role, forms[i].selector.role);
        cr_assert_eq(selector.birth, forms[i].selector.birth);
        cr_assert_eq(selector.n_processes, forms[i].selector.n_processes);
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
        "child 00000000000000000000000000000000000000000000001",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct process_selector selector;
        cr_assert_eq(process_selector_parse(wrong[i], &selector), -EINVAL, "'%s'", wrong[i]);
    }
}

Test(process_selector, covers_by_role_and_birth)
{
    const struct process_selector each = {ROLE_CHILD, 0, 0}, second = {ROLE_CHILD, 2, 0};
    cr_assert(process_selector_covers(&each, ROLE_CHILD, 1));
    cr_assert(process_selector_covers(&each, ROLE_CHILD, 7));
    cr_assert_not(process_selector_covers(&each, ROLE_GRANDCHILD, 1));
    cr_assert_not(process_selector_covers(&each, ROLE_UNKNOWN, 1));
    cr_assert(process_selector_covers(&second, ROLE_CHILD, 2));
    cr_assert_not(process_selector_covers(&second, ROLE_CHILD, 1));
}
