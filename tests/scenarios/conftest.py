"""Assertions of the modules beside the tests tell what they compared."""

import pytest

pytest.register_assert_rewrite("scenarios.expectations", "scenarios.stage")
