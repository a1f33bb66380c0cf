"""The two kinds of stream in memory, over the engine's own stores: mappings and clients read the very same records."""
