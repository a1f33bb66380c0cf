"""Ordered, exactly-once-in-effect consumption of DynamoDB and Kinesis streams, and recovery of what failed.

``core`` holds values and rules, ``wire`` translates AWS's documents to them, ``aws`` carries out the effects of
consumers, ``recovery`` brings back what failed.
"""
