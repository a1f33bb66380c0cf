"""Looking at the stack again and again."""

from collections.abc import Callable
from urllib.request import Request, urlopen

import pytest

from streamctl import watching
from streamctl.exits import Exit

from .world import Deployed

Refuse = Callable[..., None]


def test_watching_ends_with_ctrl_c_and_the_code_of_the_last_look(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = interrupted_after(2, monkeypatch)

    said = deployed.streamctl("status", "--watch", "--every", "3", "--json")

    assert said.code == Exit.ATTENTION
    assert len(said.lines) == 2
    assert pauses == [3.0, 3.0]


def test_watching_survives_a_stack_that_does_not_answer_for_a_while(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, refuse: Refuse
) -> None:
    def out_of_order(number: int) -> None:
        if number == 1:
            refuse(service="cloudformation", error="ServiceUnavailable", status=503)
        if number == 3:
            heal()

    def heal() -> None:
        with urlopen(Request(f"{deployed.endpoint}/_local/refusals", method="DELETE")) as answer:
            answer.read()

    interrupted_after(4, monkeypatch, out_of_order)

    said = deployed.streamctl("status", "--watch", "--json")

    first, *without_answer, last = said.lines
    assert said.code == Exit.ATTENTION
    assert {each["error"]["kind"] for each in without_answer} == {"refused"}
    assert len({each["error"]["since"] for each in without_answer}) == 1
    assert first["stack"] == last["stack"] == deployed.name


def test_watching_ends_with_the_code_of_the_last_look_if_that_failed(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, refuse: Refuse
) -> None:
    def out_of_order(number: int) -> None:
        if number == 1:
            refuse(service="cloudformation", error="AccessDenied", status=403)

    interrupted_after(2, monkeypatch, out_of_order)

    assert deployed.streamctl("status", "--watch").code == Exit.NOT_PERMITTED


def interrupted_after(
    pauses: int, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[int], None] = lambda _: None
) -> list[float]:
    """Have the watch run on without waiting, and end with Ctrl-C in its n-th pause; return the pauses."""
    seen: list[float] = []

    def pause(seconds: float) -> None:
        seen.append(seconds)
        meanwhile(len(seen))
        if len(seen) == pauses:
            raise KeyboardInterrupt

    monkeypatch.setattr(watching, "sleep", pause)
    return seen
