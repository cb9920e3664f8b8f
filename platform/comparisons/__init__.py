"""Up to four models side by side: what was set differently, what differs for certain, and whom it would change."""
