"""The store's tables, one step after another; steps are appended, never edited.

Times are text in UTC, fixed width (see `storage.db.stamp`); ids of people are Slack's.
"""

from __future__ import annotations

import sqlite_utils

from storage.migrations import insight, loop, sources, team

migrations = sqlite_utils.Migrations("npsbot")

for step in (*loop.STEPS, *team.STEPS, *insight.STEPS, *sources.STEPS):
    migrations()(step)
