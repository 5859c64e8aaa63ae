/* SPDX-License-Identifier: Apache-2.0
 * test_indicators.c: one text in, the observables that it holds out. */
#include "feature_test.h"

typedef struct Case {
    const char *text;
    const char *found; /* "kind value" each, joined with '\n' */
} Case;

static const Case CASES[] = {
    /* IPv4 */
    {"connect 93.184.216.34 now", "ipv4 93.184.216.34"},
    {"185.12.45.6:8080", "ipv4 185.12.45.6"},
    {"ip=10.20.30.140;", "ipv4 10.20.30.140"},
    {"ends 91.2.3.200.", "ipv4 91.2.3.200"},
    {"version 93.184.216.34", ""},
    {"v93.184.21.4", ""},
    {"6.0.2.11", ""},
    {"6.0.2.11:443", "ipv4 6.0.2.11"},
    {"0.1.2.3 127.0.0.1 255.255.255.0 224.0.0.251", ""},
    {"1.93.184.216.34", ""},
    {"93.184.216.034", ""},
    {"93.184.216.256", ""},
    {"1.3.101.112", ""},
    {"lib-93.184.216.34-x", ""},
    {"Culture=neutral, 93.184.216.34, PublicKeyToken=b77a", ""},
    /* IPv6 */
    {"[2001:db8:85a3::8a2e:370:7334]:80", "ipv6 2001:db8:85a3::8a2e:370:7334"},
    {"std::abs a::b::c 12:30:45", ""},
    {"fe80::1:2:3 ::1", ""},
    {"00:1a:2b:3c:4d:5e", ""},
    /* Domains */
    {"update.evil-host.ru", "domain update.evil-host.ru"},
    {"contact panel.badhost.com:443", "domain panel.badhost.com"},
    {"BADHOST.COM", "domain badhost.com"},
    {"www.seoul-news.kr", "domain www.seoul-news.kr"},
    {"kernel32.dll main.cpp index.html readme.md libc.so script.py", ""},
    {"java.lang.String com.example.client.net System.Net obj.to", ""},
    {"foo_bar.com $x.com a@b", ""},
    {"source.ads:120", ""},
    {"schemas.microsoft.com crl3.digicert.com www.w3.org", ""},
    {"x.notatld", ""},
    /* URLs */
    {"GET http://Evil.Example-Host.NET/Path?id=%d", "domain evil.example-host.net\n"
                                                    "url http://evil.example-host.net/Path?id=%d"},
    {"\"https://45.77.1.20:8443/gate.php\"",
     "ipv4 45.77.1.20\nurl https://45.77.1.20:8443/gate.php"},
    {"see (http://badhost.info/a).", "domain badhost.info\nurl http://badhost.info/a"},
    {"http://www.w3.org/2001/XMLSchema", ""},
    {"https://raw.githubusercontent.com/u/r/x", "url https://raw.githubusercontent.com/u/r/x"},
    {"http://%s/index", ""},
    {"http://127.0.0.1/x", ""},
    {"mailto ftp://u:p@drop.badhost.org/up", "domain drop.badhost.org\nurl "
                                             "ftp://u:p@drop.badhost.org/up"},
    {"errorhttp://badhost.biz/q", "domain badhost.biz\nurl http://badhost.biz/q"},
    {"tcp://badhost.top:4444", "domain badhost.top\nurl tcp://badhost.top:4444"},
    /* Defanged */
    {"hxxp://badhost[.]com/a", "domain badhost.com\nurl http://badhost.com/a"},
    {"c2[.]badhost[dot]net 93.184[.]216[.]34", "domain c2.badhost.net\nipv4 93.184.216.34"},
    {"hxxps[:]//badhost(.)org/", "domain badhost.org\nurl https://badhost.org/"},
    /* E-mail */
    {"mail: john.doe@mailbox.kp ok", "email john.doe@mailbox.kp"},
    {"memcpy@GLIBC_2.2.5 x@y.so_1", ""},
    /* Registry */
    {"HKLM\\Software\\Evil\\Run", "registry HKLM\\Software\\Evil\\Run"},
    {"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run",
     "registry SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run"},
    {"reg add \"HKCU\\Software\\X1\\Y\" /f", "registry HKCU\\Software\\X1\\Y"},
    /* Paths */
    {"C:\\Users\\dev\\troy\\a.pdb", "path C:\\Users\\dev\\troy\\a.pdb"},
    {"cmd /c del \"C:\\temp\\a b.exe\" >nul", "path C:\\temp\\a b.exe"},
    {"%APPDATA%\\Micro\\x.dat", "path %APPDATA%\\Micro\\x.dat"},
    {"\\\\.\\pipe\\control7", "pipe \\\\.\\pipe\\control7"},
    {"\\\\server\\share$\\x", "path \\\\server\\share$\\x"},
    {"/tmp/.X11-lock7", "path /tmp/.X11-lock7"},
    {"/usr/share/locale", ""},
    {"/not a path/", ""},
    {"\\d+\\s*\\w:\\x", ""},
    /* Wallets: the first block's of Bitcoin, the examples of BIP 173 and BIP 350; one letter wrong
     */
    {"pay 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa now", "wallet 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
    {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", ""},
    {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
     "wallet bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
    {"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
     "wallet bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"},
    {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", ""},
    {"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghij", ""},
    /* Mutexes, agents */
    {"Global\\MsWinZonesCache1", "mutex Global\\MsWinZonesCache1"},
    {"Global\\a\\b", ""},
    {"Mozilla/5.0 (Windows NT 6.1; rv:3.1)", "user_agent Mozilla/5.0 (Windows NT 6.1; rv:3.1)"},
    {"User-Agent: Mozillar/4.0 x", "user_agent Mozillar/4.0 x"},
    {"User-Agent: %s", ""},
    {"", ""},
    {".", ""},
    {"@ :// @@ ::::", ""},
};

static void texts_give_indicators(void **state) {
    (void)state;
    for (unsigned i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        Bench *b = bench_open("", 0);
        bench_string(b, CASES[i].text);
        extract_indicators(&b->s, &b->image, &b->code, &b->f);
        Text got = text_new(1 << 16);
        for (size_t k = 0; k < b->f.indicators.count; k++)
            text_addf(&got, "%s%s %s", k ? "\n" : "",
                      indicator_kind_name(b->f.indicators.at[k].kind), b->f.indicators.at[k].value);
        if (strcmp(text_str(&got), CASES[i].found) != 0)
            print_error("case: %s\n", CASES[i].text);
        assert_string_equal(text_str(&got), CASES[i].found);
        text_free(&got);
        bench_close(b);
    }
}

static void each_is_told_once(void **state) {
    (void)state;
    Bench *b = bench_open("", 0);
    bench_string(b, "http://badhost.com/a http://badhost.com/b badhost.com");
    bench_string(b, "http://badhost.com/a");
    b->f.strings.at[1].kind = STRING_DECODED;
    extract_indicators(&b->s, &b->image, &b->code, &b->f);
    assert_int_equal(b->f.indicators.count, 3);
    assert_int_equal(b->f.indicators.at[0].from, STRING_PLAIN);
    assert_int_equal(b->f.indicators.at[0].va, 0x1000);
    bench_close(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_give_indicators),
        cmocka_unit_test(each_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
