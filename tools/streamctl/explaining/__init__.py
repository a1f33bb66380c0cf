"""What became of one change: where it was seen, and how each view stands to it."""
