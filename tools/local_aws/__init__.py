"""AWS on this machine: moto for the services, with streams, functions and mappings as AWS has them."""
