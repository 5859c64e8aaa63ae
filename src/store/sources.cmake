target_sources(cognate_objects PRIVATE
)
