/* SPDX-License-Identifier: Apache-2.0
 * What each importer reads, what it reports, and that nothing bad in a document costs more than
 * itself. */
#include "cog_test.h"
#include "collect.h"

#define EXPECT(c, line) assert_non_null(strstr(text_str(&(c).lines), line))
#define NEVER(c, line) assert_null(strstr(text_str(&(c).lines), line))

static Collected read_text(const char *document, const char *text) {
    return collect(document, (Bytes){(const uint8_t *)text, strlen(text)});
}

/* ---- STIX ---- */

static const char attack[] =
    "{\"type\":\"bundle\",\"spec_version\":\"2.0\",\"objects\":["
    "{\"type\":\"intrusion-set\",\"id\":\"intrusion-set--1\",\"name\":\"Grey Heron\","
    "\"aliases\":[\"Grey Heron\",\"Ashbird\"],\"external_references\":["
    "{\"source_name\":\"mitre-attack\",\"external_id\":\"G9999\"},"
    "{\"source_name\":\"Ashbird\",\"description\":\"(Citation: Lab Report 2017)\"},"
    "{\"source_name\":\"Lab Report 2017\",\"url\":\"https://lab.example/r\"}]},"
    "{\"type\":\"tool\",\"id\":\"tool--1\",\"name\":\"scanner\"},"
    "{\"type\":\"malware\",\"id\":\"malware--1\",\"name\":\"Stilt\",\"revoked\":true},"
    "{\"type\":\"relationship\",\"id\":\"relationship--1\",\"relationship_type\":\"uses\","
    "\"source_ref\":\"intrusion-set--1\",\"target_ref\":\"malware--1\",\"confidence\":70},"
    "{\"type\":\"relationship\",\"id\":\"relationship--2\",\"relationship_type\":\"uses\","
    "\"source_ref\":\"malware--1\",\"target_ref\":\"malware--1\"},"
    "{\"type\":\"relationship\",\"id\":\"relationship--3\",\"relationship_type\":\"uses\","
    "\"source_ref\":\"tool--1\"},"
    "{\"type\":\"campaign\",\"id\":\"campaign--1\",\"name\":\"Later\","
    "\"first_seen\":\"2099-01-01T00:00:00Z\"}"
    "]}";

static void test_stix(void **state) {
    (void)state;
    Collected c = read_text("attack.json", attack);
    assert_int_equal(c.status, STATUS_OK);
    assert_string_equal(c.stat.format, "stix");
    EXPECT(c, "entity actor intrusion-set--1 \"Grey Heron\" flags=0\n");
    EXPECT(c, "claim alias \"Ashbird\" by Lab Report 2017\n");
    NEVER(c, "claim alias \"Grey Heron\"");
    EXPECT(c, "claim external-id \"G9999\" by mitre-attack\n");
    EXPECT(c, "entity tool tool--1 \"scanner\" flags=4\n");
    EXPECT(c, "entity family malware--1 \"Stilt\" flags=1\n");
    EXPECT(c, "claim uses by - conf=70\n");
    EXPECT(c, "relationship--2 says uses of itself (skipped)\n");
    EXPECT(c, "relationship--3 a relationship without target_ref (skipped)\n");
    EXPECT(c, "campaign--1 first_seen lies in the future");
    text_free(&c.lines);
}

static void test_stix_indicator(void **state) {
    (void)state;
    Collected c = read_text(
        "i.json",
        "{\"type\":\"bundle\",\"objects\":[{\"type\":\"indicator\",\"id\":\"indicator--1\","
        "\"pattern_type\":\"stix\",\"pattern\":\"[file:hashes.'SHA-256' = "
        "'AA00000000000000000000000000000000000000000000000000000000000000' OR file:name = "
        "'it\\\\'s.exe'] FOLLOWEDBY [domain-name:value IN ('a.example', 'B.example') AND "
        "network-traffic:dst_port = 443 AND url:value LIKE 'http%']\"}]}");
    EXPECT(c, "sighting sha256 aa0000");
    EXPECT(c, "sighting file_name it's.exe\n");
    EXPECT(c, "sighting domain a.example\n");
    EXPECT(c, "sighting domain b.example\n");
    EXPECT(c, "sighting port 443\n");
    NEVER(c, "sighting url");
    text_free(&c.lines);
}

static void test_stix_observables(void **state) {
    (void)state;
    Collected c =
        read_text("one.json", "{\"type\":\"ipv4-addr\",\"id\":\"ipv4-addr--1\","
                              "\"value\":\"192.0.2.1\"}\n"
                              "{\"type\":\"mutex\",\"id\":\"mutex--1\",\"name\":\"M\"}\n");
    assert_int_equal(c.stat.records, 2);
    EXPECT(c, "sighting ipv4 192.0.2.1\n");
    EXPECT(c, "sighting mutex M\n");
    text_free(&c.lines);
}

static void test_stix_extension(void **state) {
    (void)state;
    Collected c = read_text(
        "own.json",
        "[{\"type\":\"incident\",\"id\":\"incident--1\",\"name\":\"ATM\",\"extensions\":{"
        "\"extension-definition--5e4a3c1e-8f0b-4c7b-9a57-6d2f1f3c9b10\":{\"claims\":["
        "{\"relation\":\"count\",\"text\":\"60 ATMs\",\"source\":\"K1\",\"reliability\":\"B\","
        "\"credibility\":2},"
        "{\"relation\":\"count\",\"text\":\"63 ATMs\",\"source\":\"P1\"},"
        "{\"relation\":\"bribes\",\"text\":\"x\"}]}}}]");
    EXPECT(c, "claim count \"60 ATMs\" by K1 B2\n");
    EXPECT(c, "claim count \"63 ATMs\" by P1\n");
    EXPECT(c, "incident--1 a claim of an unknown relation: bribes\n");
    text_free(&c.lines);
}

/* A record that is broken costs itself only. */
static void test_broken_record(void **state) {
    (void)state;
    Collected c =
        read_text("b.json", "{\"objects\":[\n"
                            "{\"type\":\"malware\",\"id\":\"malware--1\",\"name\":\"A\"},\n"
                            "{\"type\":\"malware\" \"id\":\"malware--2\"},\n"
                            "{\"type\":\"malware\",\"id\":\"malware--3\",\"name\":\"C\"},\n"
                            "{\"type\":\"malware\",\"id\":\"mal");
    EXPECT(c, "malware--1 \"A\"");
    EXPECT(c, "problem 3:80 - a comma or } is missing (skipped)\n");
    EXPECT(c, "malware--3 \"C\"");
    EXPECT(c, "problem 5:");
    EXPECT(c, "the document ends inside this record (skipped)\n");
    assert_int_equal(c.status, STATUS_OK);
    text_free(&c.lines);
}

static void test_encodings(void **state) {
    (void)state;
    Collected c =
        read_text("l.json", "{\"type\":\"malware\",\"id\":\"malware--1\",\"name\":\"caf\xe9\"}");
    EXPECT(c, "\"caf\xc3\xa9\"");
    EXPECT(c, "is not UTF-8; read as Latin-1\n");
    text_free(&c.lines);
    c = read_text("m.json", "\xef\xbb\xbf{\"type\":\"malware\",\"id\":\"malware--1\",\"name\":"
                            "\"\\ud83d\\ude00 \\ud83d \\u0000\"}");
    EXPECT(c, "\"\xf0\x9f\x98\x80 \xef\xbf\xbd \xef\xbf\xbd\"");
    text_free(&c.lines);
}

/* ---- MISP ---- */

static void test_misp(void **state) {
    (void)state;
    static const char event[] =
        "{\"response\":[{\"Event\":{\"Attribute\":["
        "{\"uuid\":\"a1\",\"type\":\"ip-dst|port\",\"value\":\"192.0.2.7|443\"},"
        "{\"uuid\":\"a2\",\"type\":\"domain\",\"value\":\"c2[.]example\"},"
        "{\"uuid\":\"a3\",\"type\":\"md5\",\"value\":\"no hash\"},"
        "{\"uuid\":\"a4\",\"type\":\"sha1\",\"deleted\":true,\"value\":\"no hash\"}],"
        "\"Object\":[{\"name\":\"file\",\"Attribute\":[{\"type\":\"filename|md5\",\"value\":"
        "\"a.exe|0123456789abcdef0123456789abcdef\"}]}],"
        "\"uuid\":\"u1\",\"info\":\"Herons\",\"date\":\"2018-11-20\",\"Orgc\":{\"name\":\"Lab\"},"
        "\"Tag\":[{\"name\":\"misp-galaxy:threat-actor=\\\"Grey Heron\\\"\"},"
        "{\"name\":\"admiralty-scale:source-reliability=\\\"b\\\"\"},"
        "{\"name\":\"admiralty-scale:information-credibility=\\\"2\\\"\"}]}}]}";
    Collected c = read_text("e.json", event);
    assert_string_equal(c.stat.format, "misp");
    EXPECT(c, "entity report misp:u1 \"Herons\"");
    EXPECT(c, "sighting ipv4 192.0.2.7\nsighting port 443\n");
    EXPECT(c, "sighting domain c2.example\n");
    EXPECT(c, "a3 is no md5: no hash (skipped)\n");
    NEVER(c, " a4 ");
    EXPECT(c, "sighting file_name a.exe\nsighting md5 0123456789abcdef0123456789abcdef\n");
    EXPECT(c, "entity actor misp-galaxy:threat-actor=Grey Heron \"Grey Heron\"");
    EXPECT(c, "claim attributed-to by Lab B2\n");
    text_free(&c.lines);
}

static void test_galaxy(void **state) {
    (void)state;
    Collected c = read_text(
        "g.json",
        "{\"values\":[{\"value\":\"Grey "
        "Heron\",\"uuid\":\"c1\",\"meta\":{\"synonyms\":[\"Ashbird\","
        "\"Subgroup: Egret\",\"Wader\"],\"name-attribution\":[\"Ashbird:o1\"],\"origin:Wader\":"
        "\"Marsh Labs\",\"country\":\"XX\",\"attribution-confidence\":\"50\"},\"related\":["
        "{\"dest-uuid\":\"c2\",\"type\":\"similar\",\"tags\":[\"estimative-language:"
        "likelihood-probability=\\\"likely\\\"\"]}]},{\"uuid\":\"c3\"}],"
        "\"type\":\"threat-actor\",\"name\":\"Threat Actor\"}");
    assert_string_equal(c.stat.format, "misp-galaxy");
    EXPECT(c, "entity actor misp:c1 \"Grey Heron\"");
    EXPECT(c, "claim alias \"Ashbird\" by misp:o1\n");
    EXPECT(c, "claim alias \"Wader\" by Marsh Labs\n");
    EXPECT(c, "claim note \"Subgroup: Egret\"");
    EXPECT(c, "claim country \"XX\" by MISP galaxy Threat Actor conf=50\n");
    EXPECT(c, "claim similar by MISP galaxy Threat Actor conf=70\n");
    EXPECT(c, "c3 a cluster without a value (skipped)\n");
    text_free(&c.lines);
}

/* ---- lists ---- */

static void test_text(void **state) {
    (void)state;
    Collected c = read_text("heron.txt", "# Aliases: grey heron, ashbird\n\n"
                                         "# Reference: https://lab.example/1\n"
                                         "# Reference: https://lab.example/2\n\n"
                                         "hxxps://evil[.]example/gate.php\n"
                                         "198.51.100[.]4:8080\n"
                                         "ap.example/include/x.php\n"
                                         "/tbl_add.php\n"
                                         "# Reference: https://lab.example/3\n"
                                         "2001:db8::1 d41d8cd98f00b204e9800998ecf8427e\n"
                                         "nothing here\n");
    assert_string_equal(c.stat.format, "text");
    EXPECT(c, "entity actor list:heron \"heron\"");
    EXPECT(c, "claim alias \"ashbird\" by list:heron\n");
    EXPECT(c, "entity report list:heron#https://lab.example/1");
    NEVER(c, "entity report list:heron#https://lab.example/2");
    EXPECT(c, "claim reference \"https://lab.example/2\"");
    EXPECT(c, "claim attributed-to by list:heron\n");
    EXPECT(c, "sighting url https://evil.example/gate.php\nsighting domain evil.example\n");
    EXPECT(c, "sighting ipv4 198.51.100.4\nsighting port 8080\n");
    EXPECT(c, "sighting url ap.example/include/x.php\nsighting domain ap.example\n");
    EXPECT(c, "sighting http_path /tbl_add.php\n");
    EXPECT(c, "entity report list:heron#https://lab.example/3");
    EXPECT(c, "sighting ipv6 2001:db8::1\nsighting md5 d41d8c");
    EXPECT(c, "problem 12:");
    EXPECT(c, "no indicator: nothing here (skipped)\n");
    text_free(&c.lines);
}

static void test_csv(void **state) {
    (void)state;
    Collected c = read_text("t.csv", "type,value,first_seen,report,actor\r\n"
                                     "domain,\"a[.]example\",2020-01-02,R1,Heron\r\n"
                                     "sha256,zz,2020-01-02,R1,Heron\r\n"
                                     "ip,192.0.2.5,2099-01-02,R2,Heron\r\n");
    assert_string_equal(c.stat.format, "csv");
    EXPECT(c, "entity report list:t.csv#R1||Heron| \"R1\"");
    EXPECT(c, "entity actor list:actor:Heron \"Heron\"");
    EXPECT(c, "sighting domain a.example\n");
    EXPECT(c, "problem 3:");
    EXPECT(c, "no indicator in the row: zz (skipped)\n");
    EXPECT(c, "first seen lies in the future");
    EXPECT(c, "sighting ipv4 192.0.2.5\n");
    text_free(&c.lines);
    c = read_text("u.csv", "md5,d41d8cd98f00b204e9800998ecf8427e\nurl,http://x.example/a;b\n");
    EXPECT(c, "sighting md5 d41d8cd98f00b204e9800998ecf8427e\n");
    EXPECT(c, "sighting url http://x.example/a;b\n");
    text_free(&c.lines);
}

static void test_unknown(void **state) {
    (void)state;
    Collected c = read_text("x.json", "{\"a\":1}");
    assert_int_equal(c.status, STATUS_USAGE);
    text_free(&c.lines);
    c = read_text("x.txt", "");
    assert_int_equal(c.status, STATUS_USAGE);
    text_free(&c.lines);
}

static void test_time(void **state) {
    (void)state;
    char text[KNOW_TIME_BYTES];
    know_time_write(know_time("2016-08-01"), text);
    assert_string_equal(text, "2016-08-01T00:00:00.000Z");
    know_time_write(know_time("2024-02-29T23:59:58.125+02:00"), text);
    assert_string_equal(text, "2024-02-29T21:59:58.125Z");
    assert_true(know_time("2015") == know_time("2015-01-01"));
    assert_true(know_time("2015-13-01") == 0);
    assert_true(know_time("yesterday") == 0);
    assert_true(know_time("2015-01-01x") == 0);
}

static void test_scales(void **state) {
    (void)state;
    assert_int_equal(know_confidence_from_admiralty(2), 70);
    assert_int_equal(know_confidence_from_admiralty(6), KNOW_NO_CONFIDENCE);
    assert_string_equal(know_confidence_word(85), "high");
    assert_null(know_confidence_word(KNOW_NO_CONFIDENCE));
    assert_string_equal(know_reliability_word('B'), "usually reliable");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stix),
        cmocka_unit_test(test_stix_indicator),
        cmocka_unit_test(test_stix_observables),
        cmocka_unit_test(test_stix_extension),
        cmocka_unit_test(test_broken_record),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_misp),
        cmocka_unit_test(test_galaxy),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_scales),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
