"""Reasons for a customer's score, in the bank's own words."""
