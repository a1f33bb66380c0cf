"""What the tools know of a consumer: read from the template, and nowhere else.

`kinds` has the vocabulary and what follows from it, `reading` finds the consumers of a template.
"""
