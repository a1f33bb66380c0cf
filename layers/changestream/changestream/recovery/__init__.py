"""Recovery: records of failed batches refetched, delivered again to the function that failed on them, parked, redriven.

Knows nothing of this project's consumers: the function may be anybody's, in any language.
"""
