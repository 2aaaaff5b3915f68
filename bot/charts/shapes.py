"""What a drawing is made of, in units of its own width; colours are named by what they stand for."""

from __future__ import annotations

from dataclasses import dataclass

At = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points."""

    points: tuple[At, ...]
    colour: str
    width: float = 2
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A filled surface between points."""

    points: tuple[At, ...]
    colour: str


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle from its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    radius: float
    colour: str


@dataclass(frozen=True, slots=True)
class Label:
    """Words on a line at `y`; `x` is their start, middle or end."""

    x: float
    y: float
    words: str
    colour: str = "ink"
    size: float = 22
    anchor: str = "start"
    bold: bool = False


Shape = Line | Area | Box | Dot | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture and what it shows in words."""

    name: str
    title: str
    width: int
    height: int
    alt: str
    shapes: tuple[Shape, ...]


LIGHT = {
    "paper": "#ffffff",
    "ink": "#1d1c1d",
    "quiet": "#5b5a5e",
    "grid": "#dcdcde",
    "score": "#0b5cad",
    "band": "#c3daf2",
    "target": "#9a4a00",
    "count": "#a9adb3",
    "promoter": "#0b5cad",
    "on_promoter": "#ffffff",
    "passive": "#c9ced6",
    "on_passive": "#1d1c1d",
    "detractor": "#d9650a",
    "on_detractor": "#1d1c1d",
}
"""Blue, grey and orange: they differ in lightness too, and for every kind of colour blindness."""

DARK = LIGHT | {
    "paper": "#1a1d21",
    "ink": "#f2f2f3",
    "quiet": "#b4b6ba",
    "grid": "#3b3f45",
    "score": "#6cb2f5",
    "band": "#24435f",
    "target": "#f0a860",
    "count": "#6b7077",
    "promoter": "#6cb2f5",
    "on_promoter": "#1d1c1d",
    "passive": "#7d838c",
    "on_passive": "#ffffff",
    "detractor": "#f08a36",
}
"""The same on a dark ground."""
