"""Translation between AWS's documents (events, messages, GetRecords answers) and the values of ``core``."""
