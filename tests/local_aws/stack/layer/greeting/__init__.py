"""What the layer brings."""

GREETING = "hello"
