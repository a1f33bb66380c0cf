"""The one place where text goes to a terminal: foreign text is escaped, and identifiers stay whole at any width."""
