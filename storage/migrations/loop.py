"""The steps that the loop itself needs: responses, callbacks, calls, messages, digests, fetches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.migrations.script import run

if TYPE_CHECKING:
    from sqlite_utils import Database

FIRST = """
create table settings (
  name text primary key,
  value text not null
) strict;

create table responses (
  id integer primary key,
  public_id text not null unique,
  source text not null,
  source_id text not null,
  survey text,
  touchpoint text,
  score integer check (score between 0 and 10),
  comment text,
  submitted_at text not null,
  received_at text not null,
  version real,
  respondent_id text,
  name text,
  email text,
  phone text,
  company text,
  language text,
  link text,
  properties text not null default '{}',
  imported integer not null default 0,
  unique (source, source_id)
) strict;
create index responses_by_time on responses (submitted_at, score, survey) where score is not null;
create index responses_by_email on responses (lower(email), submitted_at) where email is not null;

create table callbacks (
  response_id integer primary key references responses (id) on delete cascade,
  state text not null check (state in ('open', 'claimed', 'closed')),
  opened_at text not null,
  due_at text not null,
  holder text,
  claimed_at text,
  first_claimed_at text,
  first_called_at text,
  call_again_at text,
  snoozed_until text,
  closed_at text,
  closed_by text,
  outcome text,
  dismissed text,
  reminded_at text,
  escalated_at text,
  check ((state = 'claimed') = (holder is not null)),
  check ((state = 'closed') = (closed_at is not null))
) strict;
create index callbacks_waiting on callbacks (state, due_at) where state <> 'closed';
create index callbacks_by_holder on callbacks (holder) where holder is not null;
create index callbacks_by_opening on callbacks (opened_at);

create table calls (
  id integer primary key,
  response_id integer not null references responses (id) on delete cascade,
  caller text not null,
  at text not null,
  outcome text not null,
  notes text not null,
  themes text not null default '[]',
  next_step text not null,
  call_again_at text,
  referral_name text,
  referral_contact text
) strict;
create index calls_by_response on calls (response_id);
create index calls_by_time on calls (at);

create table history (
  id integer primary key,
  response_id integer not null,
  at text not null,
  actor text,
  action text not null,
  details text not null default '{}'
) strict;
create index history_by_response on history (response_id);
create trigger history_is_not_changed before update on history
begin select raise(abort, 'the history is append-only'); end;
create trigger history_is_not_erased before delete on history
begin select raise(abort, 'the history is append-only'); end;

create table messages (
  id integer primary key,
  public_id text not null unique,
  kind text not null,
  subject integer not null,
  channel text not null,
  parent integer references messages (id),
  ts text,
  posted_to text,
  posted_at text,
  unique (kind, subject)
) strict;

create table outbox (
  id integer primary key,
  message_id integer not null references messages (id) on delete cascade,
  lane text not null,
  urgent integer not null default 0,
  state text not null default 'queued' check (state in ('queued', 'sending', 'unknown', 'failed')),
  queued_at text not null,
  not_before text,
  attempts integer not null default 0,
  attempted_at text,
  settled_at text,
  holds_lane integer not null default 0,
  reason text
) strict;
create unique index outbox_once on outbox (message_id) where state = 'queued';
create index outbox_waiting on outbox (lane, urgent desc, id) where state <> 'failed';
create index outbox_under_way on outbox (id) where state = 'sending';
create index outbox_by_message on outbox (message_id);

create table lanes (
  lane text primary key,
  paused_until text,
  reason text not null,
  since text not null
) strict;

create table channels (
  name text primary key,
  id text not null
) strict;

create table digests (
  id integer primary key,
  name text not null default '',
  period text not null,
  first_day text not null,
  last_day text not null,
  due_at text not null,
  queued_at text not null,
  unique (name, period, first_day)
) strict;

create table quarantine (
  id integer primary key,
  source text not null,
  received_at text not null,
  headers text not null,
  body blob not null,
  reason text not null
) strict;
"""


def m001_the_loop(db: Database) -> None:
    """Responses, callbacks, calls and their history; what is told to Slack; digests; quarantine."""
    run(db, FIRST)


def m002_which_version_told_what(db: Database) -> None:
    """Of two deliveries the newer wins for each thing that both tell, in whatever order three or more arrive."""
    db.execute("alter table responses add column told_by text not null default '{}'")


def m003_who_was_forgotten(db: Database) -> None:
    """A keyed hash stands for a response whose person was forgotten, so that a redelivery brings nothing back."""
    db.execute("alter table responses add column forgotten integer not null default 0")
    db.execute("create table forgotten (mark text primary key, public_id text not null) strict")


def m004_steps_however_much_waits(db: Database) -> None:
    """What holds up a lane, and what waits for its time, is found without a look at all that waits."""
    db.execute("create index outbox_in_the_way on outbox (lane) where state in ('sending', 'unknown')")
    db.execute("create index outbox_by_time on outbox (not_before) where not_before is not null")
    db.execute("create index callbacks_by_snooze on callbacks (snoozed_until) where snoozed_until is not null")


def m005_answers_that_only_try_things_out(db: Database) -> None:
    """A test answer has its card and counts nowhere."""
    db.execute("alter table responses add column test integer not null default 0")


def m006_how_each_source_fares(db: Database) -> None:
    """How many deliveries of a source were answered how on a day, the last of them when and why."""
    db.execute(
        """create table traffic (
             source text not null,
             day text not null,
             answer text not null,
             n integer not null,
             last_at text not null,
             reason text not null,
             primary key (source, day, answer)
           ) strict, without rowid"""
    )


def m007_what_is_asked_of_a_tool(db: Database) -> None:
    """A response that is known by its id only, until the tool's API has told what it holds."""
    db.execute(
        """create table fetches (
             id integer primary key,
             source text not null,
             response_id text not null,
             requests text not null,
             content_type text not null,
             event blob not null,
             received_at text not null,
             turn integer not null default 1,
             attempts integer not null default 0,
             not_before text,
             reason text,
             unique (source, response_id)
           ) strict"""
    )


STEPS = (
    m001_the_loop,
    m002_which_version_told_what,
    m003_who_was_forgotten,
    m004_steps_however_much_waits,
    m005_answers_that_only_try_things_out,
    m006_how_each_source_fares,
    m007_what_is_asked_of_a_tool,
)
