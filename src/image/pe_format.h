/* SPDX-License-Identifier: Apache-2.0
 * pe_format.h: numbers of the PE/COFF specification (Microsoft, revision 11); constants only. */
#ifndef COG_IMAGE_PE_FORMAT_H
#define COG_IMAGE_PE_FORMAT_H

enum {
    PE_DOS_MAGIC = 0x5a4d,     /* MZ */
    PE_SIGNATURE = 0x00004550, /* PE\0\0 */
    PE_MAGIC_32 = 0x10b,       /* specification 2.4 "Optional Header" */
    PE_MAGIC_64 = 0x20b,
    PE_LFANEW_OFF = 0x3c,
    PE_FILE_HEADER_BYTES = 20,
    PE_SECTION_BYTES = 40,
    PE_SYMBOL_BYTES = 18,
    PE_DIRECTORIES = 16,

    /* Machines, 3.3.1. */
    PE_MACHINE_I386 = 0x14c,
    PE_MACHINE_R4000 = 0x166,
    PE_MACHINE_WCEMIPSV2 = 0x169,
    PE_MACHINE_ARM = 0x1c0,
    PE_MACHINE_THUMB = 0x1c2,
    PE_MACHINE_ARMNT = 0x1c4,
    PE_MACHINE_POWERPC = 0x1f0,
    PE_MACHINE_POWERPCFP = 0x1f1,
    PE_MACHINE_RISCV32 = 0x5032,
    PE_MACHINE_RISCV64 = 0x5064,
    PE_MACHINE_AMD64 = 0x8664,
    PE_MACHINE_ARM64 = 0xaa64,
    PE_MACHINE_ARM64EC = 0xa641,

    /* Characteristics, 3.3.2; DLL characteristics, 3.4.2. */
    PE_FILE_RELOCS_STRIPPED = 0x0001,
    PE_FILE_DLL = 0x2000,
    PE_DLL_DYNAMIC_BASE = 0x0040,
    PE_DLL_NX_COMPAT = 0x0100,

    /* Data directories, 3.4.3. */
    PE_DIR_EXPORT = 0,
    PE_DIR_IMPORT = 1,
    PE_DIR_RESOURCE = 2,
    PE_DIR_EXCEPTION = 3,
    PE_DIR_CERTIFICATE = 4,
    PE_DIR_RELOC = 5,
    PE_DIR_DEBUG = 6,
    PE_DIR_TLS = 9,
    PE_DIR_LOAD_CONFIG = 10,
    PE_DIR_BOUND_IMPORT = 11,
    PE_DIR_DELAY_IMPORT = 13,
    PE_DIR_CLI = 14,

    /* Base relocation types, 5.6.2. */
    PE_RELOC_ABSOLUTE = 0,
    PE_RELOC_HIGHLOW = 3,
    PE_RELOC_HIGHADJ = 4,
    PE_RELOC_DIR64 = 10,

    /* Symbol table, 5.4. */
    PE_SYM_CLASS_EXTERNAL = 2,
    PE_SYM_CLASS_STATIC = 3,
    PE_SYM_CLASS_WEAK = 105,
    PE_SYM_DTYPE_FUNCTION = 0x20,

    /* Unwind information flags, x64 exception handling, "UNWIND_INFO". */
    PE_UNWIND_EHANDLER = 1,
    PE_UNWIND_UHANDLER = 2,
    PE_UNWIND_CHAININFO = 4,

    PE_RT_VERSION = 16,
    PE_DEBUG_CODEVIEW = 2
};

/* Section flags, 4.1. */
#define PE_SCN_MEM_EXECUTE 0x20000000u
#define PE_SCN_MEM_READ 0x40000000u
#define PE_SCN_MEM_WRITE 0x80000000u

/* CodeView signatures as little-endian words: "RSDS", "NB10". */
#define PE_CV_RSDS 0x53445352u
#define PE_CV_NB10 0x3031424eu
/* "DanS" and "Rich" around the linker's record of its inputs. */
#define PE_RICH_START 0x536e6144u
#define PE_RICH_END 0x68636952u
/* Metadata root of the CLI, ECMA-335 II.24.2.1: "BSJB". */
#define PE_CLI_SIGNATURE 0x424a5342u
/* VS_FIXEDFILEINFO.dwSignature. */
#define PE_VERSION_SIGNATURE 0xfeef04bdu

#endif
