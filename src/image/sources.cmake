target_sources(cognate_objects PRIVATE
  src/image/archive.c
  src/image/build.c
  src/image/eh_frame.c
  src/image/elf.c
  src/image/elf_dynamic.c
  src/image/elf_note.c
  src/image/elf_plt.c
  src/image/elf_reloc.c
  src/image/elf_symbols.c
  src/image/image.c
  src/image/pe.c
  src/image/pe_code.c
  src/image/pe_import.c
  src/image/pe_meta.c
  src/image/pe_resource.c
  src/image/raw.c
)
