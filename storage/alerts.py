"""Alerts in the store: what is wrong since when, whether it was told, and which alerts people put to rest."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from bot.model import Category, category
from storage import settings
from storage.db import moment, moment_or_none, stamp, stamp_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.db import Db, Row


def found(  # noqa: PLR0913  # what is wrong with what, since when, seen when
    db: Db, kind: str, about: str, since: datetime, details: Mapping[str, Any], now: datetime
) -> None:
    """Note that something is wrong; nothing changes when that is known and not over."""
    db.execute(
        """insert into alerts (kind, about, since, details, found_at) values (:kind, :about, :since, :details, :now)
           on conflict (kind, about) where over_at is null do nothing""",
        kind=kind,
        about=about,
        since=stamp(since),
        details=json.dumps(dict(details)),
        now=stamp(now),
    )


def over(db: Db, kind: str, about: str, now: datetime) -> list[int]:
    """Note that what was wrong is over, and return the alerts that said so, none where none did."""
    rows = db.rows(
        """update alerts set over_at = :now where kind = :kind and about = :about and over_at is null
           returning id""",
        kind=kind,
        about=about,
        now=stamp(now),
    )
    return [row["id"] for row in rows]


def told(db: Db, alert_id: int, now: datetime) -> None:
    """Note that it was told."""
    db.execute("update alerts set told_at = :now where id = :id", id=alert_id, now=stamp(now))


def by_id(db: Db, alert_id: int) -> Row | None:
    """Return an alert with its details and times as such, and with `rest`, where it was put to rest."""
    row = db.row("select * from alerts where id = :id", id=alert_id)
    return None if row is None else _alert(db, row)


def standing(db: Db, kind: str | None = None) -> list[Row]:
    """Return the alerts that are not over, oldest first."""
    rows = db.rows(
        "select * from alerts where over_at is null and (:kind is null or kind = :kind) order by id", kind=kind
    )
    return [_alert(db, row) for row in rows]


def _alert(db: Db, row: Row) -> Row:
    rest = db.row("select until, actor from alert_rests where kind = :kind and about = :about", **_key(row))
    return {
        **row,
        "details": json.loads(row["details"]),
        "since": moment(row["since"]),
        "over_at": moment_or_none(row["over_at"]),
        "rest": rest and {"until": moment_or_none(rest["until"]), "actor": rest["actor"]},
    }


def _key(row: Row) -> dict[str, str]:
    return {"kind": row["kind"], "about": row["about"]}


def rest(db: Db, alert: Row, until: datetime | None, actor: str) -> None:
    """Let alerts like this one rest until a time, or for good."""
    db.execute(
        """insert into alert_rests (kind, about, until, actor) values (:kind, :about, :until, :actor)
           on conflict (kind, about) do update set until = excluded.until, actor = excluded.actor""",
        **_key(alert),
        until=stamp_or_none(until),
        actor=actor,
    )


def wake(db: Db, alert: Row) -> None:
    """Let alerts like this one be told again."""
    db.execute("delete from alert_rests where kind = :kind and about = :about", **_key(alert))


def remembered(db: Db, name: str) -> str | None:
    """Return what was remembered from one look to the next."""
    return settings.get(db, f"alerts {name}")


def remember(db: Db, name: str, value: str) -> None:
    """Remember something until the next look."""
    settings.put(db, f"alerts {name}", value)


def unclaimed(db: Db) -> int:
    """Return how many callbacks nobody holds just now."""
    return int(db.value("select count(*) from callbacks where state = 'open'"))


def unclaimed_at(db: Db, at: datetime, since: datetime) -> int:
    """Return how many callbacks, of those opened from `since` on, nobody had taken yet at a time."""
    return int(
        db.value(
            """select count(*) from callbacks where opened_at >= :since and opened_at <= :at
                 and (first_claimed_at is null or first_claimed_at > :at) and (closed_at is null or closed_at > :at)""",
            at=stamp(at),
            since=stamp(since),
        )
    )


def active_days(db: Db, since: date) -> dict[str, list[date]]:
    """Return for each source the local days since then on which it delivered something authentic, in order."""
    rows = db.rows(
        "select distinct source, day from traffic where day >= :since and answer <> '401' order by source, day",
        since=since.isoformat(),
    )
    days: dict[str, list[date]] = {}
    for row in rows:
        days.setdefault(row["source"], []).append(date.fromisoformat(row["day"]))
    return days


def newest_response(db: Db) -> int:
    """Return the id of the newest response, 0 when there is none."""
    return int(db.value("select coalesce(max(id), 0) from responses"))


def answers_after(db: Db, response_id: int, limit: int = 1000) -> list[Row]:
    """Return the responses after one: id, survey, company, detractor, properties, when."""
    worst = max(score for score in range(11) if category(score) is Category.DETRACTOR)
    rows = db.rows(
        """select id, survey, company, score, score <= :worst as detractor, properties, received_at from responses
           where id > :id and score is not null and test = 0 and imported = 0 order by id limit :limit""",
        id=response_id,
        worst=worst,
        limit=limit,
    )
    return [
        {**row, "properties": json.loads(row["properties"]), "received_at": moment(row["received_at"])} for row in rows
    ]
