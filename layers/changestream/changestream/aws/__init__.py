"""Effects: tables, streams, topics and indexes behind the few operations that the consumers need."""
