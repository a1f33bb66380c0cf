"""Effects: tables, streams, functions, buckets and queues behind the few operations that the consumers need."""
