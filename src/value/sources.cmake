# Sources of the layer "value", by name.
target_sources(cognate_objects PRIVATE
)
