"""What the commands do, one file a command, and how a run looks on a terminal."""
