"""A table compared with the one before it: columns, types, gaps, values, distributions, customers and events."""
