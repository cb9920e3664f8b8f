"""Values that stand for no value: codes among numbers, dates and words."""
