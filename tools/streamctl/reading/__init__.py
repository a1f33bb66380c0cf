"""What a stack holds, read for whoever looks at it."""
