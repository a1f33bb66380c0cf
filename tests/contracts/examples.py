"""How many examples a test of a consumer takes: it depends on where the view is, which only the fixture knows."""

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from contracts.consumer import Consumer

# The same examples in every run: a view behind an endpoint makes each of them dear.
SAME_IN_EVERY_RUN = settings(derandomize=True, database=None, phases=(Phase.generate,))

draws = st.integers(0, 2**32).map(Random)


def for_any(
    chosen: Callable[[int], settings] = lambda examples: settings(SAME_IN_EVERY_RUN, max_examples=examples),
    **strategies: st.SearchStrategy[Any],
) -> Callable[[Callable[..., None]], Callable[[Consumer], None]]:
    """Run a test of a consumer with as many examples as are right for it, under the settings that are chosen."""

    def of(test: Callable[..., None]) -> Callable[[Consumer], None]:
        def every_example(consumer: Consumer) -> None:
            @chosen(consumer.examples)
            @given(**strategies)
            def example(**drawn: Any) -> None:
                test(consumer, **drawn)

            example()

        every_example.__name__, every_example.__doc__ = test.__name__, test.__doc__
        return every_example

    return of
