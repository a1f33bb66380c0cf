"""Looks for ways in which a template's stream mappings can lose records, or stop for them.

For any SAM or CloudFormation template: it knows nothing of this application. What it cannot tell from the template (a
value imported from elsewhere, code in a bucket) it says nothing about.
"""
