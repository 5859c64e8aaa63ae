/* SPDX-License-Identifier: Apache-2.0 */
#include "know/types.h"

#include <string.h>

/* Names without case, '-', '_' and blanks. */
static const struct {
    const char *name;
    KnowValueKind kind;
} TYPES[] = {
    {"as", KNOW_ASN},
    {"asn", KNOW_ASN},
    {"btc", KNOW_WALLET},
    {"campaignid", KNOW_CAMPAIGN_ID},
    {"certificate", KNOW_CERTIFICATE},
    {"cidr", KNOW_CIDR},
    {"dash", KNOW_WALLET},
    {"dns", KNOW_DOMAIN},
    {"domain", KNOW_DOMAIN},
    {"domainname", KNOW_DOMAIN},
    {"email", KNOW_EMAIL},
    {"emailaddress", KNOW_EMAIL},
    {"emaildst", KNOW_EMAIL},
    {"emailreplyto", KNOW_EMAIL},
    {"emailsrc", KNOW_EMAIL},
    {"filehashimphash", KNOW_IMPHASH},
    {"filehashmd5", KNOW_MD5},
    {"filehashsha1", KNOW_SHA1},
    {"filehashsha256", KNOW_SHA256},
    {"filename", KNOW_FILE_NAME},
    {"filepath", KNOW_PATH},
    {"fqdn", KNOW_DOMAIN},
    {"host", KNOW_DOMAIN},
    {"hostname", KNOW_DOMAIN},
    {"httppath", KNOW_HTTP_PATH},
    {"imphash", KNOW_IMPHASH},
    {"ip", KNOW_IPV4},
    {"ip:port", KNOW_IPV4},
    {"ipaddress", KNOW_IPV4},
    {"ipdst", KNOW_IPV4},
    {"ipsrc", KNOW_IPV4},
    {"ipv4", KNOW_IPV4},
    {"ipv4addr", KNOW_IPV4},
    {"ipv6", KNOW_IPV6},
    {"ipv6addr", KNOW_IPV6},
    {"key", KNOW_KEY},
    {"md5", KNOW_MD5},
    {"md5hash", KNOW_MD5},
    {"mutex", KNOW_MUTEX},
    {"namedpipe", KNOW_PIPE},
    {"path", KNOW_PATH},
    {"pdb", KNOW_PDB},
    {"pdbpath", KNOW_PDB},
    {"pipe", KNOW_PIPE},
    {"port", KNOW_PORT},
    {"regkey", KNOW_REGISTRY},
    {"registry", KNOW_REGISTRY},
    {"registrykey", KNOW_REGISTRY},
    {"rich", KNOW_RICH},
    {"richpe", KNOW_RICH},
    {"secret", KNOW_SECRET},
    {"service", KNOW_SERVICE},
    {"sha1", KNOW_SHA1},
    {"sha1hash", KNOW_SHA1},
    {"sha256", KNOW_SHA256},
    {"sha256hash", KNOW_SHA256},
    {"sha512", KNOW_SHA512},
    {"ssdeep", KNOW_SSDEEP},
    {"tlsh", KNOW_TLSH},
    {"uri", KNOW_HTTP_PATH},
    {"url", KNOW_URL},
    {"useragent", KNOW_USER_AGENT},
    {"wallet", KNOW_WALLET},
    {"windowsservicename", KNOW_SERVICE},
    {"x509fingerprintmd5", KNOW_CERTIFICATE},
    {"x509fingerprintsha1", KNOW_CERTIFICATE},
    {"x509fingerprintsha256", KNOW_CERTIFICATE},
    {"xmr", KNOW_WALLET},
};

static KnowValueKind find(const char *name, size_t n) {
    char plain[64];
    size_t used = 0;
    for (size_t i = 0; i < n && used + 1 < sizeof plain; i++) {
        char c = name[i];
        if (c == '-' || c == '_' || c == ' ')
            continue;
        plain[used++] = c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
    }
    plain[used] = 0;
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (strcmp(TYPES[i].name, plain) == 0)
            return TYPES[i].kind;
    return KNOW_VALUE_COUNT;
}

bool know_type_is_known(const char *name, size_t n) {
    return know_type_from_name(name, n).kind != KNOW_VALUE_COUNT;
}

KnowType know_type_from_name(const char *name, size_t n) {
    const char *bar = memchr(name, '|', n);
    size_t first = bar ? (size_t)(bar - name) : n;
    KnowType type = {find(name, first), KNOW_VALUE_COUNT};
    if (bar)
        type.second = find(bar + 1, n - first - 1);
    return type;
}

KnowKind know_kind_from_galaxy(const char *type) {
    static const struct {
        const char *type;
        KnowKind kind;
    } GALAXIES[] = {
        {"360net-threat-actor", KNOW_ACTOR},
        {"android", KNOW_FAMILY},
        {"backdoor", KNOW_FAMILY},
        {"banker", KNOW_FAMILY},
        {"botnet", KNOW_FAMILY},
        {"country", KNOW_LOCATION},
        {"cryptominers", KNOW_FAMILY},
        {"exploit-kit", KNOW_TOOL},
        {"malpedia", KNOW_FAMILY},
        {"microsoft-activity-group", KNOW_ACTOR},
        {"mitre-attack-pattern", KNOW_TECHNIQUE},
        {"mitre-campaign", KNOW_CAMPAIGN},
        {"mitre-intrusion-set", KNOW_ACTOR},
        {"mitre-malware", KNOW_FAMILY},
        {"mitre-tool", KNOW_TOOL},
        {"producer", KNOW_ORGANISATION},
        {"ransomware", KNOW_FAMILY},
        {"rat", KNOW_FAMILY},
        {"region", KNOW_LOCATION},
        {"rsit", KNOW_OTHER},
        {"sector", KNOW_ORGANISATION},
        {"stealer", KNOW_FAMILY},
        {"target-information", KNOW_LOCATION},
        {"threat-actor", KNOW_ACTOR},
        {"tool", KNOW_FAMILY},
    };
    for (size_t i = 0; i < sizeof GALAXIES / sizeof *GALAXIES; i++)
        if (strcmp(GALAXIES[i].type, type) == 0)
            return GALAXIES[i].kind;
    return KNOW_OTHER;
}
