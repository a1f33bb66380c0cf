"""How fast the consumers, the engine and the local endpoint are: paired runs on this machine, told as ratios."""
