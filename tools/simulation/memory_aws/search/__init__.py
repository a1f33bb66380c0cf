"""The search index in memory: what the served endpoint knows of documents and versions, without its database."""
