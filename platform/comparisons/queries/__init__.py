"""What pages and workers ask: which models, how they were made, what was found of them."""
