"""The axes of one panel: where a value lies, and the marks beside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from costs.svg import Drawing, Point


@dataclass(frozen=True, slots=True)
class Panel:
    """A rectangle of the drawing in which values are shown; the vertical axis begins at zero and is linear."""

    drawing: Drawing
    left: float
    top: float
    width: float
    height: float
    places: Sequence[float]
    """The values along the horizontal axis that are marked, at even distances."""
    most: float
    inset: float = 0.0
    """Between the vertical axis and the first place, and behind the last, in pixels."""

    def at(self, x: float, y: float) -> Point:
        return self.across(x), self.top + self.height * (1 - y / self.most)

    def across(self, x: float) -> float:
        """Return where a place lies; between two places, by its logarithm where they have one."""
        return self.left + self.inset + (self.width - 2 * self.inset) * self._part(x)

    def _part(self, x: float) -> float:
        after = next((place for place, value in enumerate(self.places) if value >= x), len(self.places) - 1)
        if not after:
            return 0.0
        low, high = self.places[after - 1], self.places[after]
        part = math.log(x / low) / math.log(high / low) if low > 0 else (x - low) / (high - low)
        return (after - 1 + part) / (len(self.places) - 1)

    def frame(self, title: str, below: str, beside: str, names: Sequence[str] = ()) -> None:
        """Draw axes, marks and words; ``names`` stand for the values of the places."""
        drawing, bottom = self.drawing, self.top + self.height
        drawing.text((self.left, self.top - 10), title, style="title")
        for mark in marks(self.most):
            (_, y) = self.at(self.places[0], mark)
            drawing.line([(self.left, y), (self.left + self.width, y)], "grid")
            drawing.text((self.left - 6, y + 4), f"{mark:g}", style="small", anchor="end")
        drawing.line([(self.left, bottom), (self.left + self.width, bottom)], "axis")
        for place, name in zip(self.places, names or map(short, self.places), strict=True):
            x = self.across(place)
            drawing.line([(x, bottom), (x, bottom + 4)], "axis")
            drawing.text((x, bottom + 17), name, style="small", anchor="middle")
        drawing.text((self.left + self.width / 2, bottom + 34), below, style="small", anchor="middle")
        drawing.text((self.left - 38, self.top + self.height / 2), beside, style="small", anchor="middle", turned=True)

    def curve(self, points: Sequence[Point], series: int) -> None:
        drawn = [self.at(*point) for point in points]
        self.drawing.line(drawn, f"line s{series}")
        for point in drawn:
            self.drawing.dot(point, f"s{series}", 2.5)


def marks(most: float) -> list[float]:
    """Return from three to six round values from zero on."""
    step = 10 ** math.floor(math.log10(most / 3))
    step *= next(factor for factor in (1, 2, 5, 10) if most / (step * factor) <= 6)
    return [step * count for count in range(int(most / step + 1e-9) + 1)]


def short(value: float) -> str:
    """Write 10,000 as 10k, and 1,769 as it is."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size and value % (size / 10) == 0:
            return f"{value / size:g}{letter}"
    return f"{value:,g}"
