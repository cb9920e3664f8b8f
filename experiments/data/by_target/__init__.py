"""Every column set against the target."""
