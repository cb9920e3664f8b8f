"""Scorecards edited by hand: the bench, its history, its refits."""
