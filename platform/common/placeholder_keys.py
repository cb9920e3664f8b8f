"""Which secret keys are no secret."""

PLACEHOLDERS = ("development", "insecure", "change", "default", "example")
SHORTEST = 50


def is_placeholder_key(key: str) -> bool:
    """Tell whether a key is missing, short, repetitive or one that stands in some documentation."""
    return len(key) < SHORTEST or len(set(key)) < 10 or any(word in key.lower() for word in PLACEHOLDERS)
