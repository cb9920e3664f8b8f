"""Pages of datasets and of their versions."""
