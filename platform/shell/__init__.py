"""What surrounds every page, the first page, and the one that finds: gathered from what the apps declare."""
