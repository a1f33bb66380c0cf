"""The domain of this application: tasks in lists. It is yours to replace.

``changestream`` beside it knows nothing of tasks. This package says what a task is and what a change does to it.
"""
