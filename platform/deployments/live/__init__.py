"""The process that answers: open models, what is answered by them, what is counted and kept of it."""
