"""Replay and backfill: what stands in a table goes to one consumer as the events it would have received."""
