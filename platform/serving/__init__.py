"""Models kept open in a small process of their own, for pages that ask one question after the other."""
