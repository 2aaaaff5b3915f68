"""A drawing as SVG, to stand in a page; its colours are the page's variables, which know light from dark."""

from __future__ import annotations

from html import escape

from bot.charts.shapes import DARK, LIGHT, Area, Box, Dot, Drawing, Label, Line, Shape


def svg(drawing: Drawing) -> str:
    """Return a drawing as one svg element with its alternative text."""
    inside = "".join(map(_shape, drawing.shapes))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {drawing.height}" role="img" '
        f'aria-label="{escape(drawing.alt)}"><title>{escape(drawing.alt)}</title>{inside}</svg>'
    )


def variables(*, dark: bool) -> str:
    """Return the colours of drawings as CSS variables."""
    return " ".join(f"--{name}: {value};" for name, value in (DARK if dark else LIGHT).items())


def _shape(shape: Shape) -> str:
    if isinstance(shape, Line):
        dashes = ' stroke-dasharray="8 6"' if shape.dashed else ""
        return (
            f'<polyline points="{_points(shape.points)}" fill="none" stroke="var(--{shape.colour})" '
            f'stroke-width="{shape.width:g}" stroke-linejoin="round"{dashes}/>'
        )
    if isinstance(shape, Area):
        return f'<polygon points="{_points(shape.points)}" fill="var(--{shape.colour})"/>'
    if isinstance(shape, Box):
        return (
            f'<rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" height="{shape.height:.1f}" '
            f'fill="var(--{shape.colour})"/>'
        )
    if isinstance(shape, Dot):
        return f'<circle cx="{shape.x:.1f}" cy="{shape.y:.1f}" r="{shape.radius:g}" fill="var(--{shape.colour})"/>'
    return _label(shape)


def _label(label: Label) -> str:
    weight = ' font-weight="600"' if label.bold else ""
    return (
        f'<text x="{label.x:.1f}" y="{label.y:.1f}" font-size="{label.size:g}" text-anchor="{label.anchor}" '
        f'fill="var(--{label.colour})"{weight}>{escape(label.words)}</text>'
    )


def _points(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
