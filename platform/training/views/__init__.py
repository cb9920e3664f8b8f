"""Doors to experiments: set-up, plan, run, results."""
