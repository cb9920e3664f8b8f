"""What the page of a comparison shows, ready to be shown."""
