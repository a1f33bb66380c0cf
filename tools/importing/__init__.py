"""Import of retained tables, buckets and queues of a deleted stack into a new one."""
