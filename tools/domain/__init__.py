"""Tasks and licences as callers and producers write them, right and wrong: what another application replaces."""
