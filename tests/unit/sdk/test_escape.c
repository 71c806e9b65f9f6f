/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Parts of entity paths, escaped. */
#include "fake_spool.h"

#include <criterion/criterion.h>
#include <string.h>

static void assert_escaped(const char *part, const char *expected)
{
    char *escaped = _rr_escape_entity_path_part(STRING(part));

    cr_assert(escaped != NULL);
    cr_assert_str_eq(escaped, expected);
    _rr_free_string(escaped);
}

Test(escape, what_stands_for_itself)
{
    assert_escaped("", "");
    assert_escaped("aZ09_-.", "aZ09_-.");
    assert_escaped("caf\xc3\xa9", "caf\xc3\xa9");
}

Test(escape, what_does_not)
{
    assert_escaped("my part", "my\\ part");
    assert_escaped("a/b:c\\d", "a\\/b\\:c\\\\d");
    assert_escaped("\n\r\t", "\\n\\r\\t");
    assert_escaped("\x01\x7f", "\\u{0001}\\u{007F}");
    assert_escaped("n", "n");
    assert_escaped("(r)", "\\(r\\)");
}

Test(escape, what_is_no_part)
{
    cr_assert(_rr_escape_entity_path_part(STRING("\xff")) == NULL);
    cr_assert(_rr_escape_entity_path_part((rr_string){"a\0b", 3}) == NULL);
    _rr_free_string(NULL);
}
