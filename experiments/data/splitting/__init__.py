"""Rows set aside: what is trained on, judged on and left out."""
