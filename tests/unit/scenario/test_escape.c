/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Texts that would break out of a format stay in it. */
#include "harness/scenario/report/escape.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define BAD "\xef\xbf\xbd"

static void expect(void (*escape)(FILE *, const char *), const char *text, const char *expected)
{
    char *escaped = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&escaped, &size);
    cr_assert_not_null(out);
    escape(out, text);
    fclose(out);
    cr_expect_str_eq(escaped, expected, "got:      %s\nexpected: %s", escaped, expected);
    free(escaped);
}

Test(escape, json)
{
    expect(escape_json, "", "\"\"");
    expect(escape_json, "a \"b\" \\n/", "\"a \\\"b\\\" \\\\n/\"");
    expect(escape_json, "\b\f\n\r\t\x01\x1b\x7f", "\"\\b\\f\\n\\r\\t\\u0001\\u001b\\u007f\"");
    expect(escape_json, "\xc2\x85\xe2\x80\xa8\xef\xbb\xbf\xef\xbf\xbe",
           "\"\\u0085\\u2028\\ufeff\\ufffe\"");
    expect(escape_json, "\xc3\xa4\xf0\x9f\x8e\x89", "\"\xc3\xa4\xf0\x9f\x8e\x89\"");
    expect(escape_json, "\xff\xc3(\xed\xa0\x80", "\"" BAD BAD "(" BAD BAD BAD "\"");
}

Test(escape, xml)
{
    expect(escape_xml, "a & <b> \"c\" ]]>", "a &#38; &#60;b&#62; &#34;c&#34; ]]&#62;");
    expect(escape_xml, "\n\t\r'", "\n\t&#13;'");
    expect(escape_xml, "\x01\x1b\xef\xbf\xbf\xff", BAD BAD BAD BAD);
    expect(escape_xml, "\x7f\xc2\x85\xe2\x80\xa8", "&#127;&#133;&#8232;");
    expect(escape_xml_attribute, "\n\t\r\"", "&#10;&#9;&#13;&#34;");
}

Test(escape, tap)
{
    expect(escape_tap, "a # TODO \\# b\\", "a \\# TODO \\\\\\# b\\\\");
    expect(escape_tap, "a\nnot ok 1\r\x1b[m\xe2\x80\xa8", "a not ok 1  [m ");
    expect(escape_tap, "\xff", BAD);
}

Test(escape, tap_comments)
{
    expect(escape_tap_comment, "", "");
    expect(escape_tap_comment, "a\n\nb", "#   a\n#\n#   b\n");
    expect(escape_tap_comment, "a\r\nb\rok 1\n", "#   a\n#   b\n#   ok 1\n");
    expect(escape_tap_comment, "\tx\x1b\x0b\xc2\x85ok\xff", "#   \tx" BAD BAD BAD "ok" BAD "\n");
    expect(escape_tap_comment, "\n\n", "#\n#\n");
}

Test(escape, github)
{
    expect(escape_github, "100%\r\n::error::a,b", "100%25%0D%0A::error::a,b");
    expect(escape_github_property, "100%\r\n::error::a,b", "100%25%0D%0A%3A%3Aerror%3A%3Aa%2Cb");
    expect(escape_github, "\x1b\t\xff", BAD "\t" BAD);
}

Test(escape, shell)
{
    expect(escape_shell, "scenarios/a-1.yaml", "scenarios/a-1.yaml");
    expect(escape_shell, "", "''");
    expect(escape_shell, "a[b=$c]", "'a[b=$c]'");
    expect(escape_shell, "it's", "'it'\\''s'");
    expect(escape_shell, "a\n\x1b", "'a" BAD BAD "'");
}
