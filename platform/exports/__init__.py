"""Models in forms that others can run: made by a worker, proven equal to the model, kept with their hash."""
