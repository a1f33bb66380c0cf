"""`make recovery` writes recovery/template.yaml: the part of template.yaml that brings failed batches back.

`template.yaml.jinja` declares what is taken from template.yaml, and what differs. `blocks` finds a part of
template.yaml, `changes` replaces what differs in it, and `derivation` fills in the declaration.
"""
