/* SPDX-License-Identifier: Apache-2.0
 * indicator_noise.c: hosts that programs name without talking to them. Collected from what the
 * extractor found in Debian 12's /usr/bin, in the Wine and MSVC binaries of the test corpora and in
 * Authenticode certificates; a host stands for all names under it. */
#include <string.h>

#include "feature/indicator.h"

/* XML names, certificate authorities (revocation and policy), documentation of tools and libraries,
 * RFC 2606 examples. */
static const char *const NOISE[] = {
    "w3.org",
    "schemas.microsoft.com",
    "schemas.xmlsoap.org",
    "schemas.openxmlformats.org",
    "xml.org",
    "xmlsoap.org",
    "purl.org",
    "ns.adobe.com",
    "xml.apache.org",
    "relaxng.org",
    "oasis-open.org",
    "openxmlformats.org",
    "schemas.android.com",
    "freedesktop.org",
    "json-schema.org",
    "iptc.org",
    "digicert.com",
    "verisign.com",
    "verisign.net",
    "symcb.com",
    "symcd.com",
    "symauth.com",
    "symantec.com",
    "thawte.com",
    "globalsign.com",
    "globalsign.net",
    "comodoca.com",
    "comodo.net",
    "usertrust.com",
    "sectigo.com",
    "entrust.net",
    "starfieldtech.com",
    "godaddy.com",
    "letsencrypt.org",
    "lencr.org",
    "geotrust.com",
    "certum.pl",
    "startssl.com",
    "quovadisglobal.com",
    "crl.microsoft.com",
    "ocsp.microsoft.com",
    "oneocsp.microsoft.com",
    "go.microsoft.com",
    "wosign.com",
    "ssl.com",
    "identrust.com",
    "trustwave.com",
    "amazontrust.com",
    "rapidssl.com",
    "gnu.org",
    "sourceware.org",
    "dkuug.dk", /* in every static glibc: the maintainer of its locale data */
    "debian.org",
    "ubuntu.com",
    "launchpad.net",
    "kernel.org",
    "python.org",
    "openssl.org",
    "mozilla.org",
    "unicode.org",
    "iana.org",
    "ietf.org",
    "rfc-editor.org",
    "llvm.org",
    "golang.org",
    "go.dev",
    "rust-lang.org",
    "docs.rs",
    "crates.io",
    "nuget.org",
    "jrsoftware.org",
    "boost.org",
    "zlib.net",
    "qt.io",
    "curl.se",
    "curl.haxx.se",
    "haxx.se",
    "opensource.org",
    "creativecommons.org",
    "winehq.org",
    "perl.org",
    "cpan.org",
    "apache.org",
    "eclipse.org",
    "libpng.org",
    "sqlite.org",
    "gtk.org",
    "gnome.org",
    "kde.org",
    "mingw.org",
    "cygwin.com",
    "redhat.com",
    "fedoraproject.org",
    "gnupg.org",
    "nodejs.org",
    "electronjs.org",
    "chromium.org",
    "webkit.org",
    "libarchive.org",
    "example.com",
    "example.org",
    "example.net",
    "localhost",
    "foo.com",
    "bar.com",
    "iso.org",
    "ecma-international.org",
    "isc.org",
    "openssh.com",
    "libssh.org",
    "translationproject.org",
    "gnupg.net",
};

/* Places where anyone keeps anything: the host says nothing, the rest of a URL may. */
static const char *const COMMON[] = {
    "github.com",    "githubusercontent.com",
    "github.io",     "gitlab.com",
    "bitbucket.org", "sourceforge.net",
    "sf.net",        "microsoft.com",
    "windows.com",   "windowsupdate.com",
    "google.com",    "googleapis.com",
    "gopkg.in",      "apple.com",
    "intel.com",     "nvidia.com",
    "amd.com",       "adobe.com",
    "amazonaws.com", "cloudflare.com",
    "wikipedia.org", "stackoverflow.com",
    "bing.com",      "yahoo.com",
    "facebook.com",  "twitter.com",
    "youtube.com",
};

static bool is_under(const char *host, size_t n, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(names[i]);
        if (n >= size && memcmp(host + n - size, names[i], size) == 0 &&
            (n == size || host[n - size - 1] == '.'))
            return true;
    }
    return false;
}

HostNoise host_noise(const char *host, size_t n) {
    if (is_under(host, n, NOISE, sizeof NOISE / sizeof *NOISE))
        return HOST_NOISE;
    return is_under(host, n, COMMON, sizeof COMMON / sizeof *COMMON) ? HOST_COMMON : HOST_TELLS;
}
