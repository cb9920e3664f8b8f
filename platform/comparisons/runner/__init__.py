"""The work of comparing: the rows, the scores, the evidence."""
