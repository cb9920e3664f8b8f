"""A saved model in a form that others can run, proven equal before it leaves; a format is a file in ``formats``."""
