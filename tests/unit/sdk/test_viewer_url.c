/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* URLs of viewers: which are, and which are not. */
#include "sdk/viewer_url.h"

#include <criterion/criterion.h>
#include <string.h>

static char full[VIEWER_URL_MAX_SIZE];
static size_t size;

static const char *complete(const char *url)
{
    return viewer_url_complete((struct text){url, strlen(url)}, full, &size);
}

static void assert_becomes(const char *url, const char *expected)
{
    const char *problem = complete(url);

    cr_assert(problem == NULL, "%s: %s", url, problem);
    cr_assert(size == strlen(expected) && memcmp(full, expected, size) == 0, "%s: %.*s", url,
              (int)size, full);
}

static void assert_refused(const char *url, const char *expected)
{
    const char *problem = complete(url);

    cr_assert(problem != NULL, "%s", url);
    cr_assert(strstr(problem, expected) != NULL, "%s: %s", url, problem);
}

Test(viewer_url, whole_ones_stay_as_they_are)
{
    const char *const urls[] = {
        "rerun+http://127.0.0.1:9876/proxy", "rerun+https://viewer.example:443/proxy/",
        "rerun://viewer.example/proxy?x=1",  "rerun+http://[::1]:9876/proxy",
        "rerun+http://0.0.0.0:1/proxy#a",    "rerun+http://host:65535/proxy/?a=b",
    };

    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
        assert_becomes(urls[i], urls[i]);
}

Test(viewer_url, what_goes_without_saying_is_added)
{
    assert_becomes("", "rerun+http://127.0.0.1:9876/proxy");
    assert_becomes("localhost:9877/proxy", "rerun+http://localhost:9877/proxy");
    assert_becomes("127.0.0.1:9876/proxy", "rerun+http://127.0.0.1:9876/proxy");
    assert_becomes("demo.rerun.io/proxy", "rerun://demo.rerun.io/proxy");
}

Test(viewer_url, others_are_refused)
{
    assert_refused("http://127.0.0.1:9876/proxy", "does not begin with");
    assert_refused("viewer.example:9876/proxy", "does not begin with");
    assert_refused("evilrerun.io/proxy", "does not begin with");
    assert_refused("rerun+http://127.0.0.1:9876", "/proxy");
    assert_refused("rerun+http://127.0.0.1:9876/other", "/proxy");
    assert_refused("rerun+http://127.0.0.1:9876/proxyother", "behind /proxy");
    assert_refused("rerun+http://:9876/proxy", "host");
    assert_refused("rerun+http://a b:9876/proxy", "host");
    assert_refused("rerun+http://user@host/proxy", "host");
    assert_refused("rerun+http://[::1/proxy", "bracket");
    assert_refused("rerun+http://[]/proxy", "host");
    assert_refused("rerun+http://[zz]/proxy", "host");
    assert_refused("rerun+http://host:/proxy", "port");
    assert_refused("rerun+http://host:0/proxy", "port");
    assert_refused("rerun+http://host:65536/proxy", "port");
    assert_refused("rerun+http://host:99999999999999999999/proxy", "port");
    assert_refused("rerun+http://host:9a/proxy", "/proxy");
    assert_refused("rerun+http://host/proxy?a b", "space");
}

Test(viewer_url, the_size_is_bounded)
{
    char url[VIEWER_URL_MAX_SIZE + 1];
    const char *problem;

    memset(url, 'x', sizeof(url));
    memcpy(url, "rerun://h/proxy?", 16);
    problem = viewer_url_complete((struct text){url, VIEWER_URL_MAX_SIZE}, full, &size);
    cr_assert(problem == NULL && size == VIEWER_URL_MAX_SIZE);
    problem = viewer_url_complete((struct text){url, VIEWER_URL_MAX_SIZE + 1}, full, &size);
    cr_assert(problem != NULL && strstr(problem, "too long") != NULL);
}
