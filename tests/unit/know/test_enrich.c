/* SPDX-License-Identifier: Apache-2.0
 * Passive DNS and certificates: what is read of them, and what a bad record costs. */
#include "cog_test.h"
#include "collect.h"

#include <stdio.h>

#include "know/compromised.h"
#include "know/mmdb.h"
#include "know/shared_host.h"

#define EXPECT(c, line) assert_non_null(strstr(text_str(&(c).lines), line))
#define NEVER(c, line) assert_null(strstr(text_str(&(c).lines), line))

static Collected read_text(const char *document, const char *text) {
    return collect(document, (Bytes){(const uint8_t *)text, strlen(text)});
}

static Bytes corpus(const char *name) {
    char path[512];
    static uint8_t bytes[65536];
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", COG_SOURCE_DIR, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    return (Bytes){bytes, n};
}

static Collected read_corpus(const char *name) { return collect("c.pem", corpus(name)); }

static void test_pairs(void **state) {
    (void)state;
    char text[KNOW_PAIR_BYTES], room[KNOW_PAIR_BYTES];
    KnowPair pair = {{KNOW_DOMAIN, KNOW_IPV6}, {"a.example", "2001:db8::1"}}, back;
    assert_true(know_pair_write(&pair, text));
    assert_string_equal(text, "domain a.example ipv6 2001:db8::1");
    assert_true(know_pair_read(text, room, &back));
    assert_int_equal(back.kinds[1], KNOW_IPV6);
    assert_string_equal(back.values[0], "a.example");
    assert_string_equal(back.values[1], "2001:db8::1");
    pair.values[0] = "a b";
    assert_false(know_pair_write(&pair, text));
    const char *const bad[] = {"",
                               "domain a ipv4",
                               "domain a ipv4 b c",
                               "nothing a ipv4 b",
                               "domain  ipv4 b",
                               "domain a ipv4 "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(know_pair_read(bad[i], room, &back));
}

static void test_resolutions(void **state) {
    (void)state;
    Collected c = read_text(
        "d.jsonl",
        "{\"rrname\":\"C2.Heron.example.\",\"rrtype\":\"A\",\"rdata\":[\"192.0.2.7\",\"10.0.0.1\"],"
        "\"time_first\":1462060800,\"time_last\":1471651200,\"count\":12}\n"
        "{\"rrname\":\"a.example\",\"rrtype\":28,\"rdata\":\"2001:DB8::1\"}\n"
        "{\"rrname\":\"a.example\",\"rrtype\":\"CNAME\",\"rdata\":\"b.example.\"}\n"
        "{\"rrname\":\"a.example\",\"rrtype\":\"NS\",\"rdata\":\"ns.example.\"}\n");
    assert_int_equal(c.status, STATUS_OK);
    assert_string_equal(c.stat.format, "passive-dns");
    assert_int_equal(c.stat.records, 4);
    assert_int_equal(c.stat.claims, 3);
    assert_int_equal(c.stat.problems, 0);
    EXPECT(c, "claim resolves-to \"domain c2.heron.example ipv4 192.0.2.7\" by passive DNS in "
              "d.jsonl\n");
    EXPECT(c, "\"domain a.example ipv6 2001:db8::1\"");
    EXPECT(c, "\"domain a.example domain b.example\"");
    NEVER(c, "10.0.0.1");
    text_free(&c.lines);
}

/* A broken line costs itself; where it stands is said. */
static void test_bad_resolutions(void **state) {
    (void)state;
    Collected c = read_text(
        "d.jsonl", "{\"rrname\":\"a.example\",\"rrtype\":\"A\",\"rdata\":\"192.0.2.7\"}\n"
                   "{\"rrname\":\"a.example\",\"rrtype\":\"A\",\n"
                   "{\"rrname\":\"not a name\",\"rrtype\":\"A\",\"rdata\":\"192.0.2.8\"}\n"
                   "{\"rrname\":\"b.example\",\"rrtype\":\"A\",\"rdata\":{}}\n"
                   "{\"rrname\":\"b.example\",\"rrtype\":\"A\",\"rdata\":\"192.0.2.9\","
                   "\"time_last\":4102444800}\n"
                   "{\"rrname\":\"b.example\",\"rrtype\":\"CNAME\",\"rdata\":\"b.example\"}\n"
                   "{\"rrname\":\"c.example\",\"rrtype\":\"A\",\"rdata\":\"192.0.2.10\"}\n");
    assert_int_equal(c.status, STATUS_OK);
    assert_int_equal(c.stat.records, 7);
    assert_int_equal(c.stat.skipped, 4);
    EXPECT(c, "problem 3:92 - rrname is no host name: not a name (skipped)\n");
    EXPECT(c, "problem 4:");
    EXPECT(c, "time_last lies in the future");
    EXPECT(c, "says resolves-to of itself (skipped)\n");
    EXPECT(c, "\"domain c.example ipv4 192.0.2.10\"");
    text_free(&c.lines);
}

static void test_other_layouts(void **state) {
    (void)state;
    Collected c = read_text("a.json", "[{\"rrname\":\"a.example\",\"rrtype\":\"A\",\n"
                                      "\"rdata\":\"192.0.2.7\"},\n{\"rrname\":\"b.example\",\n"
                                      "\"rdata\":\"192.0.2.8\",\"rrtype\":1}]");
    assert_int_equal(c.stat.claims, 2);
    assert_int_equal(c.stat.problems, 0);
    text_free(&c.lines);
    /* Other objects may follow. */
    c = read_text("m.json", "{\"rrname\":\"a.example\",\"rrtype\":\"A\",\"rdata\":\"192.0.2.7\"}\n"
                            "{\"type\":\"mutex\",\"id\":\"mutex--1\",\"name\":\"M\"}\n");
    assert_int_equal(c.stat.records, 2);
    EXPECT(c, "sighting mutex M\n");
    text_free(&c.lines);
}

static void test_misp(void **state) {
    (void)state;
    Collected c = read_text(
        "e.json",
        "{\"Event\":{\"uuid\":\"e1\",\"info\":\"r\",\"Orgc\":{\"name\":\"lab\"},\"Attribute\":["
        "{\"type\":\"domain|ip\",\"value\":\"a.example|192.0.2.1\"}],\"Object\":["
        "{\"name\":\"passive-dns\",\"Attribute\":["
        "{\"object_relation\":\"rrname\",\"type\":\"text\",\"value\":\"b.example\"},"
        "{\"object_relation\":\"rrtype\",\"type\":\"text\",\"value\":\"A\"},"
        "{\"object_relation\":\"rdata\",\"type\":\"text\",\"value\":\"192.0.2.2\"},"
        "{\"object_relation\":\"time_first\",\"type\":\"datetime\","
        "\"value\":\"2016-05-01T00:00:00+00:00\"}]},"
        "{\"name\":\"domain-ip\",\"Attribute\":["
        "{\"object_relation\":\"domain\",\"type\":\"domain\",\"value\":\"c.example\"},"
        "{\"object_relation\":\"ip\",\"type\":\"ip-dst\",\"value\":\"2001:db8::3\"},"
        "{\"object_relation\":\"ip\",\"type\":\"ip-dst\",\"value\":\"192.0.2.3\"}]}]}}");
    EXPECT(c, "claim resolves-to \"domain a.example ipv4 192.0.2.1\" by lab\n");
    EXPECT(c, "claim resolves-to \"domain b.example ipv4 192.0.2.2\" by lab\n");
    EXPECT(c, "claim resolves-to \"domain c.example ipv6 2001:db8::3\" by lab\n");
    EXPECT(c, "claim resolves-to \"domain c.example ipv4 192.0.2.3\" by lab\n");
    EXPECT(c, "sighting domain c.example\n");
    NEVER(c, "problem");
    text_free(&c.lines);
}

static void test_certificates(void **state) {
    (void)state;
    static const char sha256[] =
        "certificate 886991574236b7d18514b85b6d08ac6f65b5f85bd181ddccd4c75c4a6a1c8f04";
    Collected c = read_corpus("know_certificate/00"), der = read_corpus("know_certificate/01");
    assert_int_equal(c.status, STATUS_OK);
    assert_string_equal(c.stat.format, "certificate");
    EXPECT(c, sha256);
    EXPECT(c, "domain one.example\"");
    EXPECT(c, "domain two.example\"");
    EXPECT(c, "ipv4 192.0.2.5\"");
    EXPECT(c, "by O=Example,CN=one.example\n");
    EXPECT(c, "\"certificate of O=Example,CN=one.example\"");
    assert_string_equal(text_str(&c.lines), text_str(&der.lines));
    text_free(&c.lines);
    text_free(&der.lines);
}

static void test_bad_certificates(void **state) {
    (void)state;
    Collected c = read_corpus("know_certificate/02");
    assert_int_equal(c.status, STATUS_OK);
    assert_int_equal(c.stat.records, 3);
    assert_int_equal(c.stat.skipped, 2);
    EXPECT(c, "is no certificate that can be read (skipped)\n");
    EXPECT(c, "a PEM block that does not end or is not base64 (skipped)\n");
    text_free(&c.lines);
    c = read_corpus("know_certificate/03");
    assert_int_equal(c.status, STATUS_USAGE);
    text_free(&c.lines);
    c = read_corpus("know_certificate/04"); /* its serial number has a leading zero byte */
    EXPECT(c, "sighting certificate f0112233445566\n");
    text_free(&c.lines);
}

static void test_spellings(void **state) {
    (void)state;
    Collected c =
        read_text("s.csv", "type,value\nx509-fingerprint-sha1,36:F7:D4:32:F4:AB:70:EA:D3:CE:98:6E:"
                           "EA:99:93:49:32:0A:B7:06\nasn,64500\nAS,as64501\n");
    EXPECT(c, "sighting certificate 36f7d432f4ab70ead3ce986eea999349320ab706\n");
    EXPECT(c, "sighting asn AS64500\n");
    EXPECT(c, "sighting asn AS64501\n");
    text_free(&c.lines);
}

/* tests/cli/mmdb.py made them; libmaxminddb 1.7.1 gives the same answers. */
static void test_networks(void **state) {
    (void)state;
    static const char *const names[] = {"know_mmdb/00", "know_mmdb/01", "know_mmdb/02"};
    static const uint8_t hosting[] = {192, 0, 2, 127}, beside[] = {192, 0, 2, 128};
    static const uint8_t korea[] = {198, 51, 100, 77};
    static const uint8_t six[16] = {0x20, 1, 0x0d, 0xb8, 0, 1};
    for (size_t i = 0; i < 3; i++) {
        Mmdb m;
        MmdbNetwork n;
        assert_null(mmdb_open(corpus(names[i]), &m));
        assert_string_equal(m.type, "Test-ASN");
        assert_true(m.built == know_time("2023-11-14T22:13:20Z"));
        assert_int_equal(mmdb_find(&m, hosting, 4, &n), MMDB_FOUND);
        assert_int_equal(n.asn, 64500);
        assert_string_equal(n.holder, "Example Hosting");
        assert_int_equal(mmdb_find(&m, beside, 4, &n), MMDB_NONE);
        assert_int_equal(mmdb_find(&m, korea, 4, &n), MMDB_FOUND);
        assert_string_equal(n.country, "KR");
        assert_true(n.asn == 4200000001);
        assert_int_equal(mmdb_find(&m, six, 16, &n), i == 1 ? MMDB_NONE : MMDB_FOUND);
        assert_int_equal(n.asn, i == 1 ? 0 : 64501);
    }
}

static void test_bad_networks(void **state) {
    (void)state;
    static const uint8_t address[] = {192, 0, 2, 1};
    Mmdb m;
    MmdbNetwork n;
    assert_non_null(mmdb_open((Bytes){0}, &m));
    Bytes whole = corpus("know_mmdb/00");
    for (size_t size = 0; size < whole.size; size += 7)
        if (mmdb_open(bytes_cut(whole, 0, size), &m) == NULL)
            mmdb_find(&m, address, 4, &n);
    /* Nested 3,000 deep, a map of 16 million pairs: damaged, and no more. */
    assert_null(mmdb_open(corpus("know_mmdb/04"), &m));
    assert_int_equal(mmdb_find(&m, address, 4, &n), MMDB_DAMAGED);
    assert_null(mmdb_open(corpus("know_mmdb/05"), &m));
    assert_int_equal(mmdb_find(&m, address, 4, &n), MMDB_DAMAGED);
}

static void test_compromised(void **state) {
    (void)state;
    static const char *const said[] = {"compromised",          "Hacked.",
                                       "C2 (hijacked server)", "compromised WordPress site",
                                       "hosts: compromised",   "website, hacked in May"};
    static const char *const not_said[] = {
        "",           "not compromised", "compromised account", "uncompromised host",
        "hackedsite", "no hacked site",  "site of a bank"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        assert_true(compromised_says(said[i]));
    for (size_t i = 0; i < sizeof not_said / sizeof *not_said; i++)
        assert_false(compromised_says(not_said[i]));
    assert_string_equal(compromised_cms("http://a.example/x/WP-Content/y.php"), "WordPress");
    assert_string_equal(compromised_cms("b.example/components/com_users/z"), "Joomla");
    assert_null(compromised_cms("http://a.example/wp-contents/y"));
    assert_null(compromised_cms("http://a.example/?/wp_content/"));
    assert_null(compromised_cms("http://wp-content/a"));
    assert_null(compromised_cms(""));
    assert_int_equal(shared_host(KNOW_URL, "http://a.example/wp-admin/b"), SHARED_COMPROMISED);
    assert_int_equal(shared_host(KNOW_URL, "http://a.wordpress.com/wp-admin/b"), SHARED_HOSTING);
    assert_int_equal(shared_host(KNOW_DOMAIN, "a.example"), SHARED_NOT);
}

/* A first row of a name and a remark is no header by which values are told. */
static void test_remarks(void **state) {
    (void)state;
    Collected c = read_text("a.csv", "name,notes\na.example,C2\n");
    EXPECT(c, "sighting domain a.example\n");
    text_free(&c.lines);
    c = read_text("a.csv", "type,value,notes\ndomain,a.example,hacked site\n");
    EXPECT(c, "claim compromised \"domain a.example\" by a.csv\n");
    text_free(&c.lines);
}

static void test_compromised_claims(void **state) {
    (void)state;
    Collected c = read_text("l.txt", "# Reference: https://lab.example/1\n\n"
                                     "hxxp://a[.]example:8080/wp-includes/b.php\n"
                                     "192.0.2.9 c.example # hacked hosts\nd.example # C2\n");
    EXPECT(c, "claim compromised \"url http://a.example:8080/wp-includes/b.php\" by cognate, by a "
              "URL's path\n");
    EXPECT(c, "claim compromised \"domain a.example\" by cognate, by a URL's path\n");
    EXPECT(c, "claim compromised \"ipv4 192.0.2.9\" by https://lab.example/1\n");
    EXPECT(c, "claim compromised \"domain c.example\" by https://lab.example/1\n");
    NEVER(c, "d.example\" by");
    NEVER(c, "problem");
    text_free(&c.lines);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_resolutions),
        cmocka_unit_test(test_bad_resolutions),
        cmocka_unit_test(test_other_layouts),
        cmocka_unit_test(test_misp),
        cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_bad_certificates),
        cmocka_unit_test(test_spellings),
        cmocka_unit_test(test_compromised),
        cmocka_unit_test(test_compromised_claims),
        cmocka_unit_test(test_remarks),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_bad_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
