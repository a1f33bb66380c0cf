"""`make consumer` writes a new consumer: its function, its block of the template, its tests and its documentation.

`request` checks what is asked for, `patterns` has a working consumer of each kind, `rendering` fills them in,
`insertion` adds to files that exist, and `tree` writes all files or none.
"""
