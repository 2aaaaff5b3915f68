"""The steps that scores and digests need: roll-ups, themes, alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.migrations.script import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database

_ROLLUPS = {"daily": ("survey",), "daily_groups": ("survey", "touchpoint", "language", "source")}
_WATCHED = ("score", "test", "submitted_at", "survey", "touchpoint", "language", "source")
_NEW, _OLD = (f"{row}.score is not null and {row}.test = 0" for row in ("new", "old"))
_CHANGED = f"({', '.join(f'old.{c}' for c in _WATCHED)}) is not ({', '.join(f'new.{c}' for c in _WATCHED)})"


def _rollup(table: str) -> str:
    """Return the statement that makes one of the roll-ups."""
    by = ("day", *_ROLLUPS[table])
    texts = " ".join(f"{column} text not null," for column in by)
    numbers = " ".join(f"s{score} integer not null," for score in range(11))
    return f"create table {table} ({texts} {numbers} primary key ({', '.join(by)})) strict, without rowid;\n"


def _local_day(row: str) -> str:
    return f"""date(substr({row}.submitted_at, 1, 19),
    (select seconds from clock_changes where since <= {row}.submitted_at order by since desc limit 1) || ' seconds')"""


def _count(table: str) -> str:
    """Return the statement of a trigger that counts its new row."""
    by = _ROLLUPS[table]
    values = ", ".join([_local_day("new"), *(f"coalesce(new.{c}, '')" for c in by)])
    gave = ", ".join(f"new.score = {score}" for score in range(11))
    more = ", ".join(f"s{score} = s{score} + excluded.s{score}" for score in range(11))
    return f"""insert into {table} values ({values}, {gave})
    on conflict (day, {", ".join(by)}) do update set {more};"""


def _uncount(table: str) -> str:
    """Return the statement of a trigger that counts its old row no longer."""
    less = ", ".join(f"s{score} = s{score} - (old.score = {score})" for score in range(11))
    same = " and ".join(f"{column} = coalesce(old.{column}, '')" for column in _ROLLUPS[table])
    return f"update {table} set {less} where day = {_local_day('old')} and {same};"


def _trigger(name: str, event: str, when: str, counting: Callable[[str], str]) -> str:
    body = "\n  ".join(map(counting, _ROLLUPS))
    return f"create trigger {name} after {event} on responses when {when}\nbegin\n  {body}\nend;\n"


def insight_rollups(db: Database) -> None:
    """Daily counts of responses, which triggers keep; the bot counts what there is when it starts.

    See storage/rollups.py for what holds of them. What else asks for the responses of some days that count finds
    them in the index alone.
    """
    script = "create table clock_changes (since text primary key, seconds integer not null) strict, without rowid;\n"
    script += "insert into clock_changes values ('', 0);\n"
    script += "".join(map(_rollup, _ROLLUPS))
    changed = f"update of {', '.join(_WATCHED)}"
    script += _trigger("counted_when_new", "insert", _NEW, _count)
    script += _trigger("uncounted_when_changed", changed, f"{_OLD} and {_CHANGED}", _uncount)
    script += _trigger("counted_when_changed", changed, f"{_NEW} and {_CHANGED}", _count)
    script += _trigger("uncounted_when_gone", "delete", _OLD, _uncount)
    script += "drop index responses_by_time;\n"
    script += "create index responses_by_time on responses (submitted_at, score, survey, test) "
    script += "where score is not null;\n"
    run(db, script)


THEMES = """
create table tags (
  response_id integer primary key references responses (id) on delete cascade,
  themes text not null,
  corrected_by text,
  corrected_at text
) strict;
create table untagged (response_id integer primary key) strict;
insert into untagged select id from responses where comment is not null;
create trigger untagged_when_new after insert on responses when new.comment is not null
begin
  insert into untagged values (new.id);
end;
create trigger untagged_when_changed after update of comment on responses
when new.comment is not null and new.comment is not old.comment
begin
  insert or ignore into untagged values (new.id);
end;
create trigger untagged_when_gone after delete on responses
begin
  delete from untagged where response_id = old.id;
end;
"""


def insight_themes(db: Database) -> None:
    """What each comment is about, and which comments nobody has looked at since they came or changed."""
    run(db, THEMES)


ALERTS = """
create table alerts (
  id integer primary key,
  kind text not null,
  about text not null,
  since text not null,
  details text not null,
  found_at text not null,
  told_at text,
  over_at text
) strict;
create unique index alerts_once on alerts (kind, about) where over_at is null;
create table alert_rests (
  kind text not null,
  about text not null,
  until text,
  actor text not null,
  primary key (kind, about)
) strict, without rowid;
"""


def insight_alerts(db: Database) -> None:
    """What is wrong between digests, told once until it is over, and what people put to rest."""
    run(db, ALERTS)


_MICROSECONDS = "(unixepoch({at}) * 1000000 + substr({at}, 21, 6))"
_TIMED = ", ".join(
    f"{span} = {_MICROSECONDS.format(at=at)} - {_MICROSECONDS.format(at='opened_at')}"
    for span, at in (("to_claim_us", "first_claimed_at"), ("to_call_us", "first_called_at"))
)
SPANS = f"""
alter table callbacks add column to_claim_us integer;
alter table callbacks add column to_call_us integer;
update callbacks set {_TIMED};
create trigger timed_when_moved after update of opened_at, first_claimed_at, first_called_at on callbacks
begin
  update callbacks set {_TIMED} where response_id = new.response_id;
end;
drop index callbacks_by_opening;
create index callbacks_by_opening on callbacks (opened_at, to_claim_us, to_call_us, closed_at);
"""


def insight_spans(db: Database) -> None:
    """How long each callback took to be claimed and called, as numbers that medians can be read from an index."""
    run(db, SPANS)


INVITATIONS = """
create table invitations (
  day text not null,
  survey text not null,
  invited integer not null check (invited >= 0),
  primary key (day, survey)
) strict, without rowid;
"""


def insight_invitations(db: Database) -> None:
    """How many people were invited to which survey on which day."""
    run(db, INVITATIONS)


STEPS: tuple[Callable[[Database], None], ...] = (
    insight_rollups,
    insight_themes,
    insight_alerts,
    insight_spans,
    insight_invitations,
)
