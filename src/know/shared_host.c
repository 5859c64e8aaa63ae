/* SPDX-License-Identifier: Apache-2.0
 * shared_host.c: the list. Sources: P = the private section of the Public Suffix List
 * (publicsuffix.org, as in Debian 12's package publicsuffix), M = seen in lists of several actors
 * in maltrail's trails of 2026-08, D = the provider's own documentation of what the name is for. */
#include "know/shared_host.h"

#include <string.h>

#include "know/compromised.h"
#include "know/value.h"

static const struct {
    const char *suffix;
    SharedHost kind;
} HOSTS[] = {
    /* P */
    {"3utilities.com", SHARED_DYNAMIC_DNS},
    {"bounceme.net", SHARED_DYNAMIC_DNS},
    {"ddns.net", SHARED_DYNAMIC_DNS},
    {"dnsdojo.com", SHARED_DYNAMIC_DNS},
    {"duckdns.org", SHARED_DYNAMIC_DNS},
    {"dyndns.org", SHARED_DYNAMIC_DNS},
    {"dynv6.net", SHARED_DYNAMIC_DNS},
    {"freeddns.org", SHARED_DYNAMIC_DNS},
    {"gotdns.ch", SHARED_DYNAMIC_DNS},
    {"homeip.net", SHARED_DYNAMIC_DNS},
    {"hopto.org", SHARED_DYNAMIC_DNS},
    {"myftp.org", SHARED_DYNAMIC_DNS},
    {"myvnc.com", SHARED_DYNAMIC_DNS},
    {"no-ip.org", SHARED_DYNAMIC_DNS},
    {"servebeer.com", SHARED_DYNAMIC_DNS},
    {"serveblog.net", SHARED_DYNAMIC_DNS},
    {"serveftp.com", SHARED_DYNAMIC_DNS},
    {"servegame.com", SHARED_DYNAMIC_DNS},
    {"sytes.net", SHARED_DYNAMIC_DNS},
    {"zapto.org", SHARED_DYNAMIC_DNS},
    /* D: ChangeIP, afraid.org */
    {"chickenkiller.com", SHARED_DYNAMIC_DNS},
    {"ignorelist.com", SHARED_DYNAMIC_DNS},
    {"mefound.com", SHARED_DYNAMIC_DNS},
    {"mooo.com", SHARED_DYNAMIC_DNS},
    {"mrbasic.com", SHARED_DYNAMIC_DNS},
    {"toythieves.com", SHARED_DYNAMIC_DNS},
    /* P */
    {"altervista.org", SHARED_HOSTING},
    {"appspot.com", SHARED_HOSTING},
    {"azurestaticapps.net", SHARED_HOSTING},
    {"azurewebsites.net", SHARED_HOSTING},
    {"blogspot.com", SHARED_HOSTING},
    {"cloudapp.net", SHARED_HOSTING},
    {"elasticbeanstalk.com", SHARED_HOSTING},
    {"firebaseapp.com", SHARED_HOSTING},
    {"github.io", SHARED_HOSTING},
    {"gitlab.io", SHARED_HOSTING},
    {"glitch.me", SHARED_HOSTING},
    {"herokuapp.com", SHARED_HOSTING},
    {"netlify.app", SHARED_HOSTING},
    {"onrender.com", SHARED_HOSTING},
    {"pages.dev", SHARED_HOSTING},
    {"r2.dev", SHARED_HOSTING},
    {"repl.co", SHARED_HOSTING},
    {"s3.amazonaws.com", SHARED_HOSTING},
    {"vercel.app", SHARED_HOSTING},
    {"web.app", SHARED_HOSTING},
    {"wixsite.com", SHARED_HOSTING},
    {"workers.dev", SHARED_HOSTING},
    /* D */
    {"000webhostapp.com", SHARED_HOSTING},
    {"blob.core.windows.net", SHARED_HOSTING},
    {"weebly.com", SHARED_HOSTING},
    {"wordpress.com", SHARED_HOSTING},
    /* P */
    {"akamaized.net", SHARED_CDN},
    {"cloudfront.net", SHARED_CDN},
    {"edgekey.net", SHARED_CDN},
    /* D */
    {"azureedge.net", SHARED_CDN},
    {"fastly.net", SHARED_CDN},
    {"trafficmanager.net", SHARED_CDN},
    /* P */
    {"ngrok.io", SHARED_TUNNEL},
    {"trycloudflare.com", SHARED_TUNNEL},
    /* D; 193.161.193.99 is portmap.io's, and M */
    {"193.161.193.99", SHARED_TUNNEL},
    {"loclx.io", SHARED_TUNNEL},
    {"localto.net", SHARED_TUNNEL},
    {"portmap.host", SHARED_TUNNEL},
    {"portmap.io", SHARED_TUNNEL},
    /* D; webhook.site M */
    {"4shared.com", SHARED_SERVICE},
    {"api.telegram.org", SHARED_SERVICE},
    {"bit.ly", SHARED_SERVICE},
    {"cdn.discordapp.com", SHARED_SERVICE},
    {"checkip.amazonaws.com", SHARED_SERVICE},
    {"content.dropboxapi.com", SHARED_SERVICE},
    {"discord.com", SHARED_SERVICE},
    {"docs.google.com", SHARED_SERVICE},
    {"drive.google.com", SHARED_SERVICE},
    {"dropbox.com", SHARED_SERVICE},
    {"graph.microsoft.com", SHARED_SERVICE},
    {"icanhazip.com", SHARED_SERVICE},
    {"ifconfig.me", SHARED_SERVICE},
    {"ipinfo.io", SHARED_SERVICE},
    {"mediafire.com", SHARED_SERVICE},
    {"mega.nz", SHARED_SERVICE},
    {"onedrive.live.com", SHARED_SERVICE},
    {"pastebin.com", SHARED_SERVICE},
    {"pcloud.com", SHARED_SERVICE},
    {"raw.githubusercontent.com", SHARED_SERVICE},
    {"rebrand.ly", SHARED_SERVICE},
    {"requestbin.net", SHARED_SERVICE},
    {"tinyurl.com", SHARED_SERVICE},
    {"transfer.sh", SHARED_SERVICE},
    {"webhook.site", SHARED_SERVICE},
    {"wtfismyip.com", SHARED_SERVICE},
    /* D: operators' own names for seized and watched domains */
    {"sinkhole.ch", SHARED_SINKHOLE},
    {"shadowserver.org", SHARED_SINKHOLE},
    {"sinkholes.microsoft.com", SHARED_SINKHOLE},
};

/* Large hosters and CDNs by the name under which their AS is registered (RIR records; the list is
 * of those that most of the web's shared hosting and edge servers lie in, and is not complete). */
static const struct {
    uint32_t asn;
    SharedHost kind;
} NETWORKS[] = {
    {8075, SHARED_NETWORK},   /* MICROSOFT-CORP-MSN-AS-BLOCK */
    {8560, SHARED_NETWORK},   /* IONOS-AS */
    {9009, SHARED_NETWORK},   /* M247 */
    {12876, SHARED_NETWORK},  /* Scaleway */
    {13335, SHARED_CDN},      /* CLOUDFLARENET */
    {14061, SHARED_NETWORK},  /* DIGITALOCEAN-ASN */
    {14618, SHARED_NETWORK},  /* AMAZON-AES */
    {15169, SHARED_SERVICE},  /* GOOGLE */
    {16276, SHARED_NETWORK},  /* OVH */
    {16509, SHARED_NETWORK},  /* AMAZON-02 */
    {16625, SHARED_CDN},      /* AKAMAI-AS */
    {20473, SHARED_NETWORK},  /* AS-CHOOPA */
    {20940, SHARED_CDN},      /* AKAMAI-ASN1 */
    {22612, SHARED_NETWORK},  /* NAMECHEAP-NET */
    {24940, SHARED_NETWORK},  /* HETZNER-AS */
    {26496, SHARED_NETWORK},  /* AS-26496-GO-DADDY-COM-LLC */
    {28753, SHARED_NETWORK},  /* LEASEWEB-DE-FRA-10 */
    {36352, SHARED_NETWORK},  /* AS-COLOCROSSING */
    {37963, SHARED_NETWORK},  /* ALIBABA-CN-NET */
    {45090, SHARED_NETWORK},  /* TENCENT-NET-AP */
    {45102, SHARED_NETWORK},  /* ALIBABA-CN-NET, outside China */
    {46606, SHARED_NETWORK},  /* UNIFIEDLAYER-AS-1 */
    {47583, SHARED_NETWORK},  /* AS-HOSTINGER */
    {51167, SHARED_NETWORK},  /* CONTABO */
    {53667, SHARED_NETWORK},  /* PONYNET */
    {54113, SHARED_CDN},      /* FASTLY */
    {60068, SHARED_CDN},      /* CDN77 */
    {60781, SHARED_NETWORK},  /* LEASEWEB-NL-AMS-01 */
    {63949, SHARED_NETWORK},  /* AKAMAI-LINODE-AP */
    {132203, SHARED_NETWORK}, /* TENCENT-NET-AP-CN */
    {396982, SHARED_NETWORK}, /* GOOGLE-CLOUD-PLATFORM */
};

SharedHost shared_network(uint32_t asn) {
    for (size_t i = 0; i < sizeof NETWORKS / sizeof *NETWORKS; i++)
        if (NETWORKS[i].asn == asn)
            return NETWORKS[i].kind;
    return SHARED_NOT;
}

const char *shared_host_words(SharedHost kind) {
    static const char *const words[SHARED_COUNT] = {NULL,
                                                    "a dynamic DNS name",
                                                    "a name at a shared host",
                                                    "an address of a large hoster",
                                                    "a compromised site",
                                                    "a content delivery network",
                                                    "a tunnel service",
                                                    "a service that everybody uses",
                                                    "a sinkhole"};
    CHECK(kind < SHARED_COUNT);
    return words[kind];
}

static bool is_under(const char *host, size_t n, const char *suffix) {
    size_t size = strlen(suffix);
    return n >= size && memcmp(host + n - size, suffix, size) == 0 &&
           (n == size || host[n - size - 1] == '.');
}

SharedHost shared_host(KnowValueKind kind, const char *value) {
    if (kind != KNOW_DOMAIN && kind != KNOW_IPV4 && kind != KNOW_IPV6 && kind != KNOW_URL)
        return SHARED_NOT;
    const char *host = kind == KNOW_URL ? know_url_rest(value) : value;
    size_t n = strcspn(host, kind == KNOW_IPV6 ? "" : "/:?#");
    for (size_t i = 0; i < sizeof HOSTS / sizeof *HOSTS; i++) {
        if (!is_under(host, n, HOSTS[i].suffix))
            continue;
        /* A whole URL on a service is its user's own. */
        bool is_own = kind == KNOW_URL && HOSTS[i].kind == SHARED_SERVICE && host[n] == '/' &&
                      strlen(host + n) > 8;
        return is_own ? SHARED_HOSTING : HOSTS[i].kind;
    }
    return kind == KNOW_URL && compromised_cms(value) ? SHARED_COMPROMISED : SHARED_NOT;
}

double shared_host_weight(SharedHost kind) {
    static const double weights[SHARED_COUNT] = {1.0, 0.9, 0.9, 0.5, 0.9, 0.1, 0.1, 0.02, 0.02};
    CHECK(kind < SHARED_COUNT);
    return weights[kind];
}
