target_sources(cognate_objects PRIVATE src/engine.c)
