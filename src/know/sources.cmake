target_sources(cognate_objects PRIVATE
  src/know/csv.c
  src/know/galaxy.c
  src/know/import.c
  src/know/importer.c
  src/know/input.c
  src/know/json_read.c
  src/know/json_walk.c
  src/know/know.c
  src/know/list.c
  src/know/misp.c
  src/know/pattern.c
  src/know/shared_host.c
  src/know/stix.c
  src/know/types.c
  src/know/value.c
)
