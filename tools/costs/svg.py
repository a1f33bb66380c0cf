"""As much of SVG as the plots need: text, lines and shapes with classes, on a ground that is light or dark."""

from collections.abc import Iterable
from html import escape

STYLE = """
  svg { font-family: Helvetica, Arial, sans-serif; }
  .ground { fill: #ffffff; } text { fill: #1f2328; font-size: 12px; } .small { font-size: 11px; fill: #57606a; }
  .title { font-size: 13px; font-weight: bold; } .axis { stroke: #57606a; stroke-width: 1; fill: none; }
  .grid { stroke: #d0d7de; stroke-width: 1; fill: none; } .line { stroke-width: 2; fill: none; }
  .s0 { stroke: #0072b2; fill: #0072b2; } .s1 { stroke: #d55e00; fill: #d55e00; }
  .s2 { stroke: #00785a; fill: #00785a; }
  .s3 { stroke: #a3487e; fill: #a3487e; } .s4 { stroke: #8f6d00; fill: #8f6d00; }
  .s5 { stroke: #6e7781; fill: #6e7781; }
  text.s0, text.s1, text.s2, text.s3, text.s4, text.s5 { stroke: none; } .line { fill: none !important; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; } text { fill: #e6edf3; } .small { fill: #9da7b1; } .axis { stroke: #9da7b1; }
    .grid { stroke: #30363d; }
    .s0 { stroke: #56b4e9; fill: #56b4e9; } .s1 { stroke: #ff9452; fill: #ff9452; }
    .s2 { stroke: #2bc797; fill: #2bc797; } .s3 { stroke: #d98bbb; fill: #d98bbb; }
    .s4 { stroke: #e3b93c; fill: #e3b93c; } .s5 { stroke: #8b949e; fill: #8b949e; }
  }
"""

Point = tuple[float, float]


class Drawing:
    """An SVG document in the making; coordinates are pixels from the top left."""

    def __init__(self, width: float, height: float, title: str, described: str) -> None:
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
            f'height="{height:g}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(described)}</desc>",
            f"<style>{STYLE}</style>",
            f'<rect class="ground" x="0" y="0" width="{width:g}" height="{height:g}"/>',
        ]

    def text(self, at: Point, words: str, *, style: str = "", anchor: str = "start", turned: bool = False) -> None:
        x, y = at
        turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
        self._parts.append(
            f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{turn}>{escape(words)}</text>'
        )

    def line(self, points: Iterable[Point], style: str) -> None:
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polyline class="{style}" points="{joined}"/>')

    def box(self, at: Point, width: float, height: float, style: str) -> None:
        x, y = at
        self._parts.append(
            f'<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" stroke="none"/>'
        )

    def dot(self, at: Point, style: str, radius: float = 3) -> None:
        self._parts.append(f'<circle class="{style}" cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{radius:g}"/>')

    def document(self) -> str:
        return "\n".join([*self._parts, "</svg>", ""])
