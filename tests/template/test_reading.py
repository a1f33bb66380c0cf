"""The template can be read: it is short, and begins with what everything else is about."""

from template.application import ROOT, application

LINES = (ROOT / "template.yaml").read_text().splitlines()
MOST_LINES, CONSUMERS = 1_800, 8
"""With the consumers that the application has; each more may add `LINES_OF_A_CONSUMER`."""

LINES_OF_A_CONSUMER = 105
FIRST_LINES = 350
LONGEST_LINE = 165


def line_of(begin: str) -> int:
    """Return the number of the first line that begins so."""
    return next(number for number, line in enumerate(LINES, start=1) if line.startswith(begin))


def test_the_template_is_short() -> None:
    more = len(application().written["Mappings"]["Consumers"]["All"]["Names"]) - CONSUMERS

    assert len(LINES) <= MOST_LINES + more * LINES_OF_A_CONSUMER
    assert [line for line in LINES if len(line) > LONGEST_LINE and "# new consumer: " not in line] == []


def test_table_streams_first_consumer_and_first_mapping_come_first() -> None:
    begin = (
        "  TasksTable:",
        "  ChangeStream:",
        "  LedgerStream:",
        "  CountTasksFunction:",
        "            DestinationConfig:",
    )

    assert max(map(line_of, begin)) <= FIRST_LINES


def test_sections_stand_in_the_order_of_the_data_flow() -> None:
    sections = ("CHANGE", "CAPTURE", "CONSUMERS", "FAILURE", "WATCH")

    begins = [line_of(f"  # {section}: ") for section in sections]

    assert begins == sorted(begins)
