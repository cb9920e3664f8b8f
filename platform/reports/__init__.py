"""Validation reports of models: made by a worker, kept with their hash, carried away as files."""
