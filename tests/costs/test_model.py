"""What holds for bills, limits and savings, whatever the prices."""

from dataclasses import fields, replace

import pytest

from consumers.kinds import Kind
from costs.limits import limits, met
from costs.price_table import Dimension, price_table
from costs.report import not_measured, report
from costs.savings import savings
from costs.system import System
from costs.template_settings import template_settings
from costs.work import PATTERNS, WORKERS
from costs.workload import Choices, FanOut, Mix, Workload
from mapping_lint.template import ALARM
from template.application import application


def test_every_measured_consumer_has_its_figures() -> None:
    assert set(price_table().computing) == set(WORKERS)


@pytest.mark.parametrize("kind", Kind)
def test_a_consumer_that_nobody_has_measured_is_costed_by_its_kind_and_named(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = template_settings()
    pattern = settings.mappings[PATTERNS[kind]]
    added = replace(settings, mappings={**settings.mappings, "flag_overdue": pattern})
    monkeypatch.setattr("costs.sizing.template_settings", lambda: added)

    system = System(Workload(changes_per_second=50))

    bills = {part.name: part.bill(system.table) for part in system.parts}
    assert bills["flag_overdue"] == bills[PATTERNS[kind]]
    assert not_measured(system) == {"flag_overdue": PATTERNS[kind]}


def test_settings_are_those_of_the_template_as_it_is_deployed() -> None:
    settings = template_settings().mappings

    deployed = {
        mapping.function: (
            mapping.properties["BatchSize"],
            mapping.properties["MaximumBatchingWindowInSeconds"],
            mapping.properties["ParallelizationFactor"],
        )
        for mapping in application().stream_mappings()
    }

    assert deployed == {
        "".join(map(str.capitalize, name.split("_"))) + "Function": (each.batch_size, each.window, each.factor)
        for name, each in settings.items()
    }


def test_every_price_has_a_page_and_every_one_is_used() -> None:
    system, pushed = System(Workload(100.0)), System(Workload(100.0), Choices(fan_out=FanOut.ENHANCED))
    parts = [*system.parts, *pushed.parts]

    used = {name for part in parts for name in (*part.per_second, *part.monthly)}

    assert used == set(price_table().prices)
    assert all(price.page.startswith("https://aws.amazon.com/") for price in price_table().prices.values())


def test_an_alarm_is_paid_for_by_the_metrics_that_it_looks_at() -> None:
    by_default = {name: alarm for name, alarm in application().of_type(ALARM) if "Gradually" not in str(alarm)}

    (watch,) = (part for part in System(Workload(1.0)).parts if part.name == "watch")

    looked_at = sum(max(1, str(alarm).count("'MetricStat'")) for alarm in by_default.values())
    assert watch.monthly["alarm_month"] == looked_at > len(by_default)


def test_a_bill_is_the_sum_of_its_parts_by_every_division() -> None:
    document = report(System(Workload(50.0)))

    by_part = sum(part["total"] for part in document["parts"])
    by_dimension = sum(document["month"][str(dimension)] for dimension in Dimension)

    assert document["month"]["total"] == pytest.approx(by_part, abs=0.1)
    assert document["month"]["total"] == pytest.approx(by_dimension, abs=0.1)


def test_the_shares_of_a_mix_are_all_there_is() -> None:
    mix = Mix()

    assert mix.insertions + mix.modifications + mix.deletions + mix.expiries == pytest.approx(1)
    assert {field.name for field in fields(Mix)} == {
        *("insertions", "modifications", "deletions", "expiries", "status_changes")
    }


def test_without_changes_only_what_stands_is_paid_for() -> None:
    month = report(System(Workload(0.0, revisions_per_second=0.0)))["month"]

    standing = month["standing"]

    assert month["total"] == pytest.approx(standing, abs=0.1)


@pytest.mark.parametrize(
    ("cheaper", "dearer"),
    [
        (Choices(window=5), Choices(window=0)),
        (Choices(factor=1), Choices(factor=10)),
        (Choices(batch_size=100), Choices(batch_size=10)),
        (Choices(memory=256), Choices(memory=1769)),
        (Choices(), Choices(fan_out=FanOut.ENHANCED)),
        (Choices(retention_hours=24), Choices(retention_hours=168)),
    ],
    ids=repr,
)
def test_choices_cost_more_or_less(cheaper: Choices, dearer: Choices) -> None:
    given = Workload(1_000.0)

    assert System(given, cheaper).month < System(given, dearer).month


def test_changes_of_hot_tasks_are_written_once_a_batch() -> None:
    even, hot = (System(Workload(1_000.0, hot=share)).part("replicate_tasks") for share in (0.0, 0.8))

    assert hot.per_second["write_unit"] < 0.5 * even.per_second["write_unit"]


def test_a_limit_is_reached_at_the_rate_at_which_it_is_met() -> None:
    for each in met(System(Workload(1.0))):
        (there,) = [limit for limit in limits(System(Workload(each.rate))) if limit.name == each.limit.name]
        (before,) = [limit for limit in limits(System(Workload(each.rate * 0.97))) if limit.name == each.limit.name]

        assert there.share >= 1 > before.share


def test_a_list_with_most_changes_meets_its_totals_first() -> None:
    even, uneven = (System(Workload(1.0, busiest_list=share)) for share in (None, 0.9))

    rates = [each.rate for system in (even, uneven) for each in met(system) if each.limit.name.startswith("totals")]

    assert rates[1] < 600 < rates[0]


def test_what_saves_is_cheaper_and_falls_behind_no_more() -> None:
    system = System(Workload(400.0), Choices(fan_out=FanOut.ENHANCED))

    found = savings(system)

    assert "shared fan-out" in [each.choice for each in found]
    for each in found:
        assert System(system.given, each.choices).month == pytest.approx(system.month - each.month)
        assert all(part.load.busiest_lane <= 1 for part in System(system.given, each.choices).parts)
