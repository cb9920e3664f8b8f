"""A saved model: a folder of open formats, its checksums, and what it tells without being loaded."""
