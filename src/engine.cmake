target_sources(cognate_objects PRIVATE
  src/cognate.c
  src/cognate_compare.c
  src/cognate_know.c
  src/cognate_networks.c
  src/cognate_pack.c
  src/cognate_report.c
  src/cognate_store.c
  src/cognate_yara.c
  src/engine.c
)
