"""Tests that drive a real browser against the real platform, as a person would."""
