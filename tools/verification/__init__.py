"""Checks of views by the kind of their consumer, shared by the demo and the simulation.

`changes` reads from the records of a stream what a consumer was given, `view` is what it made of that, and `checks`
compares the two. No module here names a consumer: the template says what a consumer is.
"""
