"""Personal data and protected attributes: found by form and name, masked wherever shown, made unreadable on request."""
