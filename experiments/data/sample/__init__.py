"""The rows that a question is put to."""
