"""The system in virtual time: real functions over services in memory, with faults drawn from a seed."""
