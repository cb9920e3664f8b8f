"""An app with work that only sleeps and counts, for tests of the machinery around it."""
