"""The operator's command line: what a stack does, what waits, and what became of a change; on AWS and locally."""
