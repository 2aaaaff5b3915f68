"""The steps that a team's daily work needs: roles, routes, reminders, search, retention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import search
from storage.migrations.script import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database


def team_erasures(db: Database) -> None:
    """What was erased, why and how far that has got; when a message was last put, so that it is known whom it shows."""
    run(
        db,
        """
create table erasures (
  id integer primary key,
  at text not null,
  actor text,
  day text unique,
  responses integer not null default 0,
  messages integer not null default 0,
  bodies integer not null default 0,
  threads text not null default '[]',
  erased_at text,
  scrubbed_at text,
  looked integer not null default 0,
  found text not null default '[]',
  replies text
) strict;
create index erasures_under_way on erasures (id) where scrubbed_at is null or replies is null;
alter table messages add column put_at text;
create index responses_by_respondent on responses (respondent_id) where respondent_id is not null;
create index responses_with_person on responses (submitted_at) where forgotten = 0;
""",
    )


def team_referrals_and_lessons(db: Database) -> None:
    """Whom a customer passed on, and who of sales took it; which notes are lessons for product."""
    run(
        db,
        """
create table referrals (
  call_id integer primary key references calls (id) on delete cascade,
  state text not null default 'open' check (state in ('open', 'claimed', 'won', 'lost')),
  holder text,
  claimed_at text,
  closed_at text,
  check ((state = 'open') = (holder is null))
) strict;
alter table calls add column lesson integer not null default 0;
create index calls_with_lessons on calls (at) where lesson = 1;
""",
    )


def team_rights_and_routes(db: Database) -> None:
    """What was written with a move, which can be erased; who looks after which company; who looked at, or did, what."""
    run(
        db,
        """
create table remarks (
  event_id integer primary key references history (id),
  response_id integer not null,
  text text not null
) strict;
create index remarks_by_response on remarks (response_id);
create table owners (
  company_key text primary key,
  company text not null,
  owner text not null
) strict;
create table audit (
  id integer primary key,
  at text not null,
  actor text,
  action text not null,
  response_id integer,
  details text not null default '{}'
) strict;
create trigger audit_is_not_changed before update on audit
begin select raise(abort, 'the audit trail is append-only'); end;
create trigger audit_is_not_erased before delete on audit
begin select raise(abort, 'the audit trail is append-only'); end;
""",
    )


def team_one_callback_a_person(db: Database) -> None:
    """Which answer's callback another answer of the same person shares; what a call left behind; each form once."""
    run(
        db,
        """
alter table responses add column callback_of integer references callbacks (response_id) on delete set null;
create index responses_sharing on responses (callback_of) where callback_of is not null;
alter table callbacks add column preferred_time text;
alter table calls add column form text;
create unique index calls_once_a_form on calls (form) where form is not null;
""",
    )


def team_reminders(db: Database) -> None:
    """What was said of a callback that time has come to; what is said of many in one message."""
    run(
        db,
        """
alter table callbacks add column warned_at text;
alter table callbacks add column called_out_at text;
alter table callbacks add column stale_at text;
alter table callbacks add column reopened_at text;
create table round_ups (
  id integer primary key,
  action text not null,
  place text not null,
  at text not null
) strict;
create index round_ups_by_place on round_ups (place, action, at);
create table rounded_up (
  round_up integer not null references round_ups (id) on delete cascade,
  response_id integer not null references responses (id) on delete cascade,
  primary key (round_up, response_id)
) strict, without rowid;
create index rounded_up_by_response on rounded_up (response_id);
""",
    )


def team_search(db: Database) -> None:
    """An index of what customers and colleagues wrote, and of where cards stand; what there is goes in at once."""
    db.execute(search.CREATED)
    search.catch_up(db.conn)
    run(
        db,
        """
create index messages_cards_by_channel on messages (channel) where kind = 'card';
create index messages_by_place on messages (posted_to, ts) where ts is not null;
create index callbacks_free on callbacks (due_at, response_id, snoozed_until, state) where state = 'open';
create index callbacks_by_closing on callbacks (closed_at) where closed_at is not null;
""",
    )


def team_wished_owners(db: Database) -> None:
    """Who is to be given a callback once Slack has said that they may act on its card; what waits for that card."""
    run(
        db,
        """
create table wished_owners (
  response_id integer not null references responses (id) on delete cascade,
  user text not null,
  gives integer not null,
  mentions integer not null,
  since text not null,
  asked_at text,
  primary key (response_id, user)
) strict, without rowid;
alter table messages add column waits_for integer references messages (id);
""",
    )


STEPS: tuple[Callable[[Database], None], ...] = (
    team_erasures,
    team_referrals_and_lessons,
    team_rights_and_routes,
    team_search,
    team_one_callback_a_person,
    team_reminders,
    team_wished_owners,
)
