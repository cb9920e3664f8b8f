"""Joins known at the observation time: every figure against a naive loop, and nothing from the future."""
