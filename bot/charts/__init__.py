"""Charts: what they show is put together once, and drawn as SVG for pages or as PNG for Slack."""
