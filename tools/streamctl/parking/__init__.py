"""What is parked, as an operator looks at it, brings it back, or gives it up."""
