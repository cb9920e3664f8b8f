"""Scorecards edited by hand: their bins, what a change does, who changed what and why, and the card fitted anew."""
