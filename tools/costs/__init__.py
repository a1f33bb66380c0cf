"""What the application costs on AWS, how it scales, and which limit it meets first: a model of counted calls."""
