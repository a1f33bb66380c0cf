"""A consumer that knows nothing of this project, and is recovered all the same: its template and its code."""
