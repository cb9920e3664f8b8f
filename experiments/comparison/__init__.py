"""Two to four models on the same labelled rows: what differs, how sure that is, and whom it would change."""
