"""Draws how time and memory grow with the number of posts, as an SVG picture. Used by `compare.py`."""

import math

WIDTH, HEIGHT = 760, 300
PANEL = {"left": 62, "right": 30, "top": 40, "bottom": 44}
COLOURS = ["#1f6feb", "#bf5700", "#2e8b57"]

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.grid { stroke: #d0d7de; stroke-width: 1 }
.line { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .grid { stroke: #3d444d } }
"""


def draw(points):
    """Returns a picture of two panels: processor time and peak memory, both on logarithmic axes.

    Each point has `posts`, `cpu` (seconds by name of the build) and `peak` (bytes).
    """
    posts = [point["posts"] for point in points]
    times = {name: [point["cpu"][name] for point in points] for name in points[0]["cpu"]}
    memory = {"cold build": [point["peak"] / 1e6 for point in points]}
    half = WIDTH / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        "<title>Processor time and peak memory by number of posts</title>",
        f"<style>{STYLE}</style>",
        *_panel(0, half, "Processor time", "s", posts, times),
        *_panel(half, half, "Peak memory", "MB", posts, memory),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _panel(left, width, title, unit, posts, series):
    """Draws one panel: its grid, its labels, and a line for each series."""
    x0, x1 = left + PANEL["left"], left + width - PANEL["right"]
    y0, y1 = HEIGHT - PANEL["bottom"], PANEL["top"]
    values = [value for line in series.values() for value in line]
    first, last = _decades(posts)
    low, high = _decades(values)

    def place_x(value):
        return x0 + (math.log10(value) - first) / (last - first) * (x1 - x0)

    def place_y(value):
        return y0 - (math.log10(value) - low) / (high - low) * (y0 - y1)

    parts = [f'<text class="title" x="{x0:.0f}" y="18">{title}</text>']
    for power in range(first, last + 1):
        x = place_x(10**power)
        parts.append(f'<path class="grid" d="M{x:.1f} {y0}V{y1}"/>')
        parts.append(f'<text x="{x:.1f}" y="{y0 + 16}" text-anchor="middle">{10**power:,}</text>')
    parts.append(f'<text x="{(x0 + x1) / 2:.1f}" y="{y0 + 34}" text-anchor="middle">posts</text>')
    for power in range(low, high + 1):
        y = place_y(10**power)
        parts.append(f'<path class="grid" d="M{x0} {y:.1f}H{x1}"/>')
        parts.append(f'<text x="{x0 - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:,g} {unit}</text>')
    for colour, (name, line) in zip(COLOURS, series.items()):
        spots = [(place_x(x), place_y(y)) for x, y in zip(posts, line)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
        parts.append(f'<path class="line" stroke="{colour}" d="M{path}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in spots]
    for nth, (colour, name) in enumerate(zip(COLOURS, series)):
        y = PANEL["top"] + 14 + 16 * nth
        parts.append(f'<path class="line" stroke="{colour}" d="M{x0 + 10} {y - 4}h16"/>')
        parts.append(f'<text x="{x0 + 32}" y="{y}">{name}</text>')
    return parts


def _decades(values):
    """Returns the powers of ten around some positive numbers."""
    first = math.floor(math.log10(min(values)))
    return first, max(math.ceil(math.log10(max(values))), first + 1)
