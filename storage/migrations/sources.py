"""The steps that survey tools need: ids that are the tool's own within one survey only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database


def sources_sender_ids(db: Database) -> None:
    """The tool's own id of a response, where `source_id` holds the survey too, because the tool numbers within each."""
    db.execute("alter table responses add column sender_id text")


STEPS: tuple[Callable[[Database], None], ...] = (sources_sender_ids,)
