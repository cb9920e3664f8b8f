"""Processes with little memory and time for work that may fail: a server that forks them, and their own side."""
