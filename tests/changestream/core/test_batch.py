from changestream.core.batch import BatchOutcome, Failure, FailureKind


def outcome(*failed: str) -> BatchOutcome:
    return BatchOutcome(5, 0, 0, [Failure(number, FailureKind.POISON, f"{number} is bad") for number in failed])


def test_the_response_names_the_lowest_failure_compared_as_integers() -> None:
    assert outcome("10", "9").response() == {
        "batchItemFailures": [{"itemIdentifier": "9"}],
        "failure": {"kind": "poison", "reason": "9 is bad"},
    }


def test_a_batch_without_failures_is_answered_with_an_empty_list() -> None:
    assert outcome().response() == {"batchItemFailures": []}
