"""One customer and one model: where the score comes from, what would change it, who is alike."""
