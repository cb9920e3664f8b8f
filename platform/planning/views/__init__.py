"""Doors to the plan of an experiment: the question with its file, and the plan."""
