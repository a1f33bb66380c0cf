"""What is wrong with a template."""


class TemplateError(ValueError):
    """The template cannot be read, expanded, resolved or transformed. The message says what to change."""
