/* SPDX-License-Identifier: Apache-2.0
 * elf_format.h: numbers of the System V ABI (gabi 4.1, chapters 4 and 5) and of the processor
 * supplements; constants only. */
#ifndef COG_IMAGE_ELF_FORMAT_H
#define COG_IMAGE_ELF_FORMAT_H

enum {
    ELF_CLASS_64 = 2,
    ELF_DATA_BIG = 2,

    ELF_TYPE_REL = 1,
    ELF_TYPE_EXEC = 2,
    ELF_TYPE_DYN = 3,
    ELF_TYPE_CORE = 4,

    ELF_MACHINE_386 = 3,
    ELF_MACHINE_MIPS = 8,
    ELF_MACHINE_PPC = 20,
    ELF_MACHINE_PPC64 = 21,
    ELF_MACHINE_S390 = 22,
    ELF_MACHINE_ARM = 40,
    ELF_MACHINE_X64 = 62,
    ELF_MACHINE_ARM64 = 183,
    ELF_MACHINE_RISCV = 243,

    ELF_PT_LOAD = 1,
    ELF_PT_DYNAMIC = 2,
    ELF_PT_INTERP = 3,
    ELF_PT_NOTE = 4,

    ELF_SHT_PROGBITS = 1,
    ELF_SHT_SYMTAB = 2,
    ELF_SHT_STRTAB = 3,
    ELF_SHT_RELA = 4,
    ELF_SHT_DYNAMIC = 6,
    ELF_SHT_NOTE = 7,
    ELF_SHT_NOBITS = 8,
    ELF_SHT_REL = 9,
    ELF_SHT_DYNSYM = 11,
    ELF_SHT_INIT_ARRAY = 14,
    ELF_SHT_FINI_ARRAY = 15,
    ELF_SHT_PREINIT_ARRAY = 16,

    ELF_SHF_WRITE = 1,
    ELF_SHF_ALLOC = 2,
    ELF_SHF_EXEC = 4,
    ELF_SHF_TLS = 0x400,
    ELF_SHF_COMPRESSED = 0x800,

    ELF_SHN_UNDEF = 0,
    ELF_SHN_ABS = 0xfff1,
    ELF_SHN_COMMON = 0xfff2,
    ELF_SHN_XINDEX = 0xffff,
    ELF_PN_XNUM = 0xffff,

    ELF_STT_NOTYPE = 0,
    ELF_STT_OBJECT = 1,
    ELF_STT_FUNC = 2,
    ELF_STT_SECTION = 3,
    ELF_STT_FILE = 4,
    ELF_STT_TLS = 6,
    ELF_STT_IFUNC = 10,
    ELF_STB_LOCAL = 0,
    ELF_STV_INTERNAL = 1,
    ELF_STV_HIDDEN = 2,

    ELF_DT_NULL = 0,
    ELF_DT_NEEDED = 1,
    ELF_DT_PLTRELSZ = 2,
    ELF_DT_PLTGOT = 3,
    ELF_DT_HASH = 4,
    ELF_DT_STRTAB = 5,
    ELF_DT_SYMTAB = 6,
    ELF_DT_RELA = 7,
    ELF_DT_RELASZ = 8,
    ELF_DT_STRSZ = 10,
    ELF_DT_INIT = 12,
    ELF_DT_FINI = 13,
    ELF_DT_SONAME = 14,
    ELF_DT_RPATH = 15,
    ELF_DT_REL = 17,
    ELF_DT_RELSZ = 18,
    ELF_DT_PLTREL = 20,
    ELF_DT_JMPREL = 23,
    ELF_DT_INIT_ARRAY = 25,
    ELF_DT_FINI_ARRAY = 26,
    ELF_DT_INIT_ARRAYSZ = 27,
    ELF_DT_FINI_ARRAYSZ = 28,
    ELF_DT_RUNPATH = 29,
    ELF_DT_PREINIT_ARRAY = 32,
    ELF_DT_PREINIT_ARRAYSZ = 33,
    ELF_DT_RELRSZ = 35,
    ELF_DT_RELR = 36,

    ELF_NT_GNU_BUILD_ID = 3,
    ELF_NT_GO_BUILD_ID = 4,

    /* DWARF exception header pointer encodings, LSB core specification 10.5. */
    DW_PE_ABSPTR = 0x00,
    DW_PE_ULEB = 0x01,
    DW_PE_UDATA2 = 0x02,
    DW_PE_UDATA4 = 0x03,
    DW_PE_UDATA8 = 0x04,
    DW_PE_SLEB = 0x09,
    DW_PE_SDATA2 = 0x0a,
    DW_PE_SDATA4 = 0x0b,
    DW_PE_SDATA8 = 0x0c,
    DW_PE_PCREL = 0x10,
    DW_PE_DATAREL = 0x30,
    DW_PE_INDIRECT = 0x80,
    DW_PE_OMIT = 0xff
};

#define ELF_MAGIC 0x464c457fu
#define ELF_PT_GNU_EH_FRAME 0x6474e550u
#define ELF_PT_ARM_EXIDX 0x70000001u
#define ELF_SHT_ARM_EXIDX 0x70000001u
#define ELF_DT_GNU_HASH 0x6ffffef5u
#define ELF_DT_FLAGS_1 0x6ffffffbu
#define ELF_DF_1_PIE 0x08000000u
#define ELF_DT_MIPS_LOCAL_GOTNO 0x7000000au
#define ELF_DT_MIPS_SYMTABNO 0x70000011u
#define ELF_DT_MIPS_GOTSYM 0x70000013u

#endif
