"""A card changed by hand: what it says, how it is changed, what the change does, and how it is fitted anew."""
