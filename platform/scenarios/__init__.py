"""Named choices of customers: a cut-off, a share or a quota with its money, and the lists made by them."""
