"""A drawing as PNG, for a workspace that takes no charts; Pillow and the font are loaded when one is drawn."""

from __future__ import annotations

import io
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from bot.charts.shapes import DARK, LIGHT, Area, At, Box, Dot, Drawing, Line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL import ImageDraw, ImageFont

    from bot.charts.shapes import Label, Shape

SCALE = 2
"""Pixels to a unit: sharp on a phone."""
FINER = 2
"""How many times finer shapes are drawn and then made smaller, so that their edges are smooth."""
ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def png(drawing: Drawing, *, dark: bool = False) -> bytes:
    """Return a drawing as a PNG on a ground of its own, readable in a light and in a dark workspace."""
    from PIL import Image, ImageDraw  # noqa: PLC0415  # loaded when a chart is drawn, never before

    colours = DARK if dark else LIGHT
    fine, size = SCALE * FINER, (drawing.width * SCALE, drawing.height * SCALE)
    image = Image.new("RGB", (drawing.width * fine, drawing.height * fine), colours["paper"])
    canvas = ImageDraw.Draw(image)
    labels: list[Label] = []
    for shape in drawing.shapes:
        if isinstance(shape, Line | Area | Box | Dot):
            _draw(canvas, shape, colours, fine)
        else:
            labels.append(shape)
    image = image.reduce(FINER) if image.size != size else image
    canvas = ImageDraw.Draw(image)
    for label in labels:
        at = (label.x * SCALE, label.y * SCALE)
        font = _font(round(label.size * SCALE), bold=label.bold)
        canvas.text(at, label.words, colours[label.colour], font, ANCHORS[label.anchor])
    with io.BytesIO() as file:
        image.save(file, "PNG", compress_level=6)
        return file.getvalue()


def _draw(canvas: ImageDraw.ImageDraw, shape: Shape, colours: Mapping[str, str], fine: int) -> None:
    if isinstance(shape, Line):
        pieces = _dashes(shape.points) if shape.dashed else [shape.points]
        for piece in pieces:
            width = round(shape.width * fine)
            canvas.line([(x * fine, y * fine) for x, y in piece], colours[shape.colour], width, joint="curve")
    elif isinstance(shape, Area):
        canvas.polygon([(x * fine, y * fine) for x, y in shape.points], colours[shape.colour])
    elif isinstance(shape, Box):
        corner = ((shape.x + shape.width) * fine - 1, (shape.y + shape.height) * fine - 1)
        if shape.width > 0 and shape.height > 0:
            canvas.rectangle((shape.x * fine, shape.y * fine, *corner), colours[shape.colour])
    elif isinstance(shape, Dot):
        canvas.circle((shape.x * fine, shape.y * fine), shape.radius * fine, colours[shape.colour])


def _dashes(points: tuple[At, ...], on: float = 8, off: float = 6) -> list[tuple[At, ...]]:
    """Return the dashes of a level line from its first to its last point."""
    (x, y), (end, _) = points[0], points[-1]
    pieces: list[tuple[At, ...]] = []
    while x < end:
        pieces.append(((x, y), (min(x + on, end), y)))
        x += on + off
    return pieces


@cache
def _font(size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont  # noqa: PLC0415  # as above

    weight = "Semibold" if bold else "Regular"
    path: Any = resources.files("font_source_sans_pro").joinpath(f"files/SourceSansPro-{weight}.ttf")
    return ImageFont.truetype(str(path), size)
