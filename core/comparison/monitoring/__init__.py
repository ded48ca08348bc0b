"""A model watched in use: sequential tests on a stream."""
