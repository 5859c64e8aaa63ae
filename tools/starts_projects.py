# SPDX-License-Identifier: Apache-2.0
"""What tools/starts_build.py builds, and which part (tune or report) each project belongs to.

A project is wholly in one part: tune is for setting thresholds, report is for the numbers that are quoted.
Keys of a project: package (Debian source package), sources/exclude/include (globs inside its tree), mains (one
list of sources for each program), generate (files its own build system would make; "@x" copies x), cxx, flags,
libs_elf, libs_mingw, mingw (False: not built there), rounds (most optimisation levels), cost (1: seconds).
"""

JANSSON_CONFIG = '''#define JSON_INLINE inline
#define JSON_INTEGER_IS_LONG_LONG 1
#define JSON_HAVE_LOCALECONV 1
#define JSON_HAVE_ATOMIC_BUILTINS 1
#define JSON_HAVE_SYNC_BUILTINS 1
#define JSON_PARSER_MAX_DEPTH 2048
'''
JANSSON_PRIVATE = '''#define HAVE_STDINT_H 1
#include <stdint.h>
#define HAVE_STRTOLL 1
#define INITIAL_HASHTABLE_ORDER 3
'''
SNAPPY_PUBLIC = '''#pragma once
#include <cstddef>
namespace snappy { struct iovec { void *iov_base; size_t iov_len; }; }
#define SNAPPY_MAJOR 1
#define SNAPPY_MINOR 1
#define SNAPPY_PATCHLEVEL 9
'''
YAML_FLAGS = [
    '-DYAML_VERSION_MAJOR=0',
    '-DYAML_VERSION_MINOR=2',
    '-DYAML_VERSION_PATCH=5',
    '-DYAML_VERSION_STRING="0.2.5"',
    '-DYAML_DECLARE_STATIC',
]

PROJECTS = [
    # tune
    dict(
        name='zlib',
        part='tune',
        package='zlib',
        sources=['*.c'],
        mains=[['test/minigzip.c']],
        flags=['-DHAVE_UNISTD_H'],
        static=True,
    ),
    dict(
        name='lua',
        part='tune',
        package='lua5.4',
        sources=['src/*.c'],
        exclude=['src/lua.c', 'src/luac.c'],
        mains=[['src/lua.c']],
        include=['src'],
        libs_elf=['-lm'],
        static=True,
    ),
    dict(
        name='jansson',
        part='tune',
        package='jansson',
        sources=['src/*.c'],
        include=['src'],
        mains=[['examples/simple_parse.c']],
        mains_mingw=['examples/simple_parse.c'],
        generate={'jansson_config.h': JANSSON_CONFIG, 'jansson_private_config.h': JANSSON_PRIVATE},
        flags=['-D_GNU_SOURCE', '-DHAVE_STDINT_H', '-DHAVE_CONFIG_H'],
    ),
    dict(
        name='expat',
        part='tune',
        package='expat',
        sources=['expat/lib/xml*.c'],
        exclude=['*_impl.c', '*_ns.c'],
        include=['expat/lib', 'expat/xmlwf'],
        generate={'expat_config.h': ''},
        flags=[
            '-DHAVE_MEMMOVE',
            '-DXML_NS',
            '-DXML_DTD',
            '-DXML_GE=1',
            '-DXML_CONTEXT_BYTES=1024',
            '-DXML_POOR_ENTROPY',
            '-DBYTEORDER=1234',
            '-DHAVE_UNISTD_H',
            '-DHAVE_STDLIB_H',
            '-DXML_STATIC',
        ],
        mains=[[f'expat/xmlwf/{n}.c' for n in ('xmlwf', 'xmlfile', 'codepage', 'unixfilemap')]],
        mains_mingw=[f'expat/xmlwf/{n}.c' for n in ('xmlwf', 'xmlfile', 'codepage', 'readfilemap')],
    ),
    dict(
        name='mujs',
        part='tune',
        package='mujs',
        sources=['js*.c', 'regexp.c', 'utf.c'],
        mains=[['main.c']],
        libs_elf=['-lm'],
    ),
    dict(
        name='tinyxml2',
        part='tune',
        package='tinyxml2',
        cxx=True,
        sources=['tinyxml2.cpp'],
        mains=[['xmltest.cpp']],
    ),
    dict(
        name='double-conversion',
        part='tune',
        package='double-conversion',
        cxx=True,
        sources=['double-conversion/*.cc'],
    ),
    dict(
        name='snappy',
        part='tune',
        package='snappy',
        cxx=True,
        rounds=3,
        sources=[f'snappy{n}.cc' for n in ('', '-c', '-sinksource', '-stubs-internal')],
        generate={'snappy-stubs-public.h': SNAPPY_PUBLIC},
    ),
    dict(
        name='brotli',
        part='tune',
        package='brotli',
        rounds=2,
        cost=2,
        sources=['c/common/*.c', 'c/dec/*.c', 'c/enc/*.c'],
        include=['c/include'],
        mains=[['c/tools/brotli.c']],
        libs_elf=['-lm'],
    ),
    dict(
        name='fmt',
        part='tune',
        package='fmtlib',
        cxx=True,
        rounds=2,
        cost=2,
        sources=['src/format.cc', 'src/os.cc'],
        include=['include'],
    ),
    dict(
        name='libtomcrypt',
        part='tune',
        package='libtomcrypt',
        rounds=1,
        cost=6,
        sources=['src/**/*.c'],
        exclude=[
            '*_tab.c',
            '*/aes_tab.c',
            'src/hashes/sha2/sha224.c',
            'src/hashes/sha2/sha384.c',
            'src/hashes/sha2/sha512_*.c',
            '*/twofish_tab.c',
            '*/whirltab.c',
        ],
        include=['src/headers'],
        flags=['-DLTC_SOURCE'],
    ),
    # report
    dict(
        name='bzip2',
        part='report',
        package='bzip2',
        static=True,
        mains=[['bzip2.c']],
        sources=[
            f'{n}.c'
            for n in (
                'blocksort',
                'bzlib',
                'compress',
                'crctable',
                'decompress',
                'huffman',
                'randtable',
            )
        ],
    ),
    dict(
        name='lz4',
        part='report',
        package='lz4',
        static=True,
        sources=['lib/*.c'],
        include=['lib'],
        mains=[['programs/*.c']],
        flags=['-DXXH_NAMESPACE=LZ4_'],
    ),
    dict(
        name='libyaml',
        part='report',
        package='libyaml',
        sources=['src/*.c'],
        include=['include'],
        mains=[['tests/run-parser.c']],
        flags=YAML_FLAGS,
    ),
    dict(
        name='pugixml',
        part='report',
        package='pugixml',
        cxx=True,
        sources=['src/pugixml.cpp'],
        include=['src'],
    ),
    dict(
        name='libpng',
        part='report',
        package='libpng1.6',
        sources=['png*.c'],
        exclude=['pngtest.c'],
        headers_of=['zlib'],
        mingw=False,
        generate={'pnglibconf.h': '@scripts/pnglibconf.h.prebuilt'},
        flags=['-DPNG_INTEL_SSE_OPT=0'],
    ),
    dict(
        name='jsoncpp',
        part='report',
        package='libjsoncpp',
        cxx=True,
        rounds=3,
        cost=2,
        sources=['src/lib_json/*.cpp'],
        include=['include'],
        mains=[['src/jsontestrunner/main.cpp']],
    ),
    dict(
        name='duktape',
        part='report',
        package='duktape',
        rounds=3,
        cost=2,
        sources=['src/duktape.c'],
        include=['src', 'examples/cmdline'],
        mains=[['examples/cmdline/duk_cmdline.c']],
        libs_elf=['-lm'],
        mains_mingw=['examples/cmdline/duk_cmdline.c'],
    ),
    dict(
        name='pcre2',
        part='report',
        package='pcre2',
        rounds=2,
        cost=2,
        sources=['src/pcre2_*.c'],
        include=['src'],
        exclude=[
            f'src/pcre2_{n}.c'
            for n in (
                'dftables',
                'fuzzsupport',
                'jit_match',
                'jit_misc',
                'jit_test',
                'printint',
                'ucptables',
            )
        ],
        generate={
            'config.h': '@src/config.h.generic',
            'pcre2.h': '@src/pcre2.h.generic',
            'pcre2_chartables.c': '@src/pcre2_chartables.c.dist',
        },
        flags=[
            '-DHAVE_CONFIG_H',
            '-DPCRE2_CODE_UNIT_WIDTH=8',
            '-DSUPPORT_PCRE2_8',
            '-DSUPPORT_UNICODE',
            '-DPCRE2_STATIC',
            '-DHAVE_MEMMOVE',
        ],
    ),
    dict(
        name='mbedtls',
        part='report',
        package='mbedtls',
        rounds=2,
        cost=3,
        sources=['library/*.c'],
        include=['include', 'library'],
        mains=[['programs/test/selftest.c']],
        libs_mingw=['-lws2_32', '-lbcrypt'],
    ),
    dict(
        name='re2',
        part='report',
        package='re2',
        cxx=True,
        rounds=1,
        cost=4,
        mingw=False,
        sources=['re2/*.cc', 'util/rune.cc', 'util/strutil.cc'],
        flags=['-pthread'],
    ),
    dict(
        name='leveldb',
        part='report',
        package='leveldb',
        cxx=True,
        rounds=1,
        cost=4,
        mingw=False,
        sources=['db/*.cc', 'table/*.cc', 'util/*.cc', 'helpers/memenv/memenv.cc'],
        exclude=['*_test.cc', '*leveldbutil.cc', '*windows.cc', '*testutil.cc'],
        include=['.', 'include'],
        mains=[['db/leveldbutil.cc']],
        generate={
            'port/port_config.h': '#define HAVE_FDATASYNC 1\n#define HAVE_FULLFSYNC 0\n#define HAVE_O_CLOEXEC 1\n#define HAVE_CRC32C 0\n#define HAVE_SNAPPY 0\n'
        },
        flags=['-DLEVELDB_PLATFORM_POSIX=1', '-pthread', '-fno-exceptions', '-fno-rtti'],
    ),
    dict(
        name='zstd',
        part='report',
        package='libzstd',
        rounds=1,
        cost=5,
        sources=['lib/common/*.c', 'lib/compress/*.c', 'lib/decompress/*.c'],
        include=['lib'],
        flags=['-DZSTD_DISABLE_ASM=1', '-DXXH_NAMESPACE=ZSTD_'],
    ),
]

# Each DLL is a project of its own; the same one is in the same part for both architectures. They share wine's small
# start-up and C run-time libraries (a few dozen functions), which a reader of the numbers should know.
WINE_DLLS = [
    (n, 'tune' if i % 2 else 'report')
    for i, n in enumerate(
        [
            'advapi32.dll',
            'avifil32.dll',
            'bcrypt.dll',
            'cmd.exe',
            'combase.dll',
            'comdlg32.dll',
            'crypt32.dll',
            'd3dx9_36.dll',
            'dbghelp.dll',
            'dnsapi.dll',
            'dsound.dll',
            'dwrite.dll',
            'gdi32.dll',
            'gdiplus.dll',
            'imagehlp.dll',
            'iphlpapi.dll',
            'jscript.dll',
            'kernel32.dll',
            'kernelbase.dll',
            'msi.dll',
            'msvcrt.dll',
            'ntdll.dll',
            'oleaut32.dll',
            'regedit.exe',
            'riched20.dll',
            'rsaenh.dll',
            'rpcrt4.dll',
            'secur32.dll',
            'setupapi.dll',
            'shlwapi.dll',
            'urlmon.dll',
            'vbscript.dll',
            'winhttp.dll',
            'wininet.dll',
            'wintrust.dll',
            'ws2_32.dll',
        ]
    )
]

# Packages that carry PDBs beside the programs: (registry, package and version, platform of a wheel, part).
# The files of winpty inside node-pty are a project of their own.
MSVC_PACKAGES = [
    ('npm', 'node-pty@1.1.0', '', 'report'),
    ('npm', 'node-pty@1.2.0-beta.15', '', 'report'),
    ('npm', 'electron-winstaller@5.4.4', '', 'report'),
    ('pip', 'debugpy==1.8.0', 'win_amd64', 'tune'),
    ('pip', 'debugpy==1.4.1', 'win_amd64', 'tune'),
    ('pip', 'ptvsd==4.3.2', 'win_amd64', 'tune'),
]

# Pure Go, from its standard library: (part, source). Built for linux and windows, amd64 and 386.
GO_PROGRAMS = {
    'godigest': (
        'tune',
        r'''package main

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
)

type row struct {
	Name string `json:"name"`
	Sum  string `json:"sum"`
}

func main() {
	var rows []row
	for _, name := range os.Args[1:] {
		f, err := os.Open(name)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			continue
		}
		var r io.Reader = f
		if strings.HasSuffix(name, ".gz") {
			if z, err := gzip.NewReader(f); err == nil {
				r = z
			}
		}
		h := sha256.New()
		io.Copy(h, r)
		f.Close()
		rows = append(rows, row{name, hex.EncodeToString(h.Sum(nil))})
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i].Sum < rows[j].Sum })
	json.NewEncoder(os.Stdout).Encode(rows)
}
''',
    ),
    'goproxy': (
        'report',
        r'''package main

import (
	"flag"
	"io"
	"log"
	"net"
	"net/http"
	"regexp"
	"sync"
	"text/template"
	"time"
)

var page = template.Must(template.New("p").Parse("{{range .}}{{.}}\n{{end}}"))

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address")
	allow := flag.String("allow", ".*", "hosts")
	flag.Parse()
	re := regexp.MustCompile(*allow)
	var mu sync.Mutex
	var seen []string
	http.HandleFunc("/seen", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		page.Execute(w, seen)
	})
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if !re.MatchString(r.Host) {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		mu.Lock()
		seen = append(seen, r.Host)
		mu.Unlock()
		c, err := net.DialTimeout("tcp", r.Host, time.Second)
		if err != nil {
			http.Error(w, err.Error(), 502)
			return
		}
		defer c.Close()
		r.Write(c)
		io.Copy(w, c)
	})
	log.Fatal(http.ListenAndServe(*listen, nil))
}
''',
    ),
}

# Rust for linux x64: (part, dependencies, main.rs), at opt-level 3 and "s".
RUST_PROGRAMS = {
    'ruststd': (
        'tune',
        '',
        r'''use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead, Write};
use std::sync::mpsc;
fn main() {
    let (tx, rx) = mpsc::channel::<HashMap<String, usize>>();
    let hands: Vec<_> = std::env::args().skip(1).map(|p| { let tx = tx.clone(); std::thread::spawn(move || {
        let mut m = HashMap::new();
        if let Ok(f) = std::fs::File::open(&p) {
            for l in io::BufReader::new(f).lines().map_while(Result::ok) { for w in l.split_whitespace() { *m.entry(w.to_lowercase()).or_insert(0) += 1; } }
        }
        tx.send(m).unwrap();
    }) }).collect();
    drop(tx);
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    for m in rx { for (k, v) in m { *all.entry(k).or_default() += v; } }
    for h in hands { h.join().unwrap(); }
    let out = io::stdout();
    for (k, v) in &all { writeln!(out.lock(), "{k:>20} {v:5} {:.3}", *v as f64 / all.len() as f64).unwrap(); }
}
''',
    ),
    'rustregex': (
        'report',
        'regex = "=1.11.1"\nserde_json = "=1.0.140"\n',
        r'''use std::io::Read;
fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let re = regex::Regex::new(&std::env::args().nth(1).unwrap_or("a+b".into())).unwrap();
    let found: Vec<serde_json::Value> = re.find_iter(&text).map(|m| serde_json::json!({"at": m.start(), "text": m.as_str()})).collect();
    println!("{}", serde_json::to_string_pretty(&found).unwrap());
}
''',
    ),
}
