"""Keeps local runs apart: from the developer's AWS settings, from other machines, and from what outlives them."""
