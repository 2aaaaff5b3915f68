"""The table of states and moves: what the README draws, and what happens when two move at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import pytest
from click.testing import CliRunner
from conftest import NOW, ROOT, a_response

from bot import callbacks, moves
from bot.cli import main
from bot.intake import receive
from bot.model import Refusal, State
from storage import Store, responses
from storage.callbacks import history

DAY = timedelta(days=1)
AT_ONCE = {
    "claim": lambda card, user: partial(callbacks.claim, public_id=card, user=user, now=NOW),
    "take": lambda card, user: partial(
        callbacks.assign, public_id=card, user=user, assignee=user, now=NOW, lead=True, seen="open:"
    ),
    "dismiss": lambda card, user: partial(
        callbacks.dismiss, public_id=card, user=user, reason="A test", now=NOW, seen="open:"
    ),
}


def test_the_readme_draws_the_table():
    """The drawing in the README is the one that the code makes of its own table; `npsbot moves` prints it."""
    drawn = (ROOT / "README.md").read_text(encoding="utf-8").split("<!-- moves: npsbot moves -->\n")[1]
    assert drawn.split("\n<!-- /moves -->")[0] == moves.diagram()
    assert CliRunner().invoke(main, ["moves"]).output == moves.diagram() + "\n"


def test_every_move_is_drawn_once_for_each_state_it_starts_from():
    """No move is left out of the drawing, and none is drawn from where it cannot be made."""
    for move in moves.MOVES:
        lines = [line for line in moves.diagram().splitlines() if move.name in line.partition(": ")[2].split(", ")]
        ends = {f"  {start} --> {move.to or start}" for start in move.start}
        assert {line.partition(":")[0] for line in lines} == ends
        assert len(lines) == len(move.start)


def test_every_state_is_left_and_reached():
    """From each state there is a way back: nothing is done that cannot be undone."""
    for state in State:
        assert any(state in move.start and move.to not in {None, state} for move in moves.MOVES)
        assert any(move.to is state and set(move.start) - {state} for move in moves.MOVES)


@pytest.mark.parametrize("one", AT_ONCE)
@pytest.mark.parametrize("other", AT_ONCE)
async def test_of_two_who_move_at_once_one_wins(settings, one, other):
    """Two who act on the same card at the same moment: one move is made, the other refused with a sentence."""
    store = Store(settings.database)
    try:
        card = (await store.run(receive, settings, "json", a_response(), NOW)).response_id
        moved = [AT_ONCE[one](card, "U1"), AT_ONCE[other](card, "U2")]
        ended = await asyncio.gather(*map(store.run, moved), return_exceptions=True)
        assert sorted(isinstance(end, Refusal) for end in ended) == [False, True]
        found = await store.read(responses.by_public_id, card)
        events = await store.read(history, found.id)
    finally:
        store.close()
    assert len(events) == 2
    (loser,) = [end for end in ended if isinstance(end, Refusal)]
    assert set(loser.values.values()) <= {found.callback.holder, found.callback.closed_by}


def test_what_was_written_with_a_move_stands_in_the_history(db, settings):
    """A comment and a reason are told in the history, and go with the person, while who did what stays."""
    card = receive(db, settings, "json", a_response(), NOW).response_id
    callbacks.claim(db, card, "U1", NOW)
    callbacks.assign(db, card, "U2", "U3", NOW, lead=True, comment="She is away")
    callbacks.dismiss(db, card, "U3", "Asked not to be called", NOW)
    told = [(event["action"], event["remark"]) for event in history(db, responses.by_public_id(db, card).id)]
    assert told[2:] == [("assigned", "She is away"), ("dismissed", "Asked not to be called")]
    assert "She is away" not in str(db.rows("select * from history"))
