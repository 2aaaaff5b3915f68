"""Anna, whom the tests forget: what there is of her, and what is left of her in a store's file."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from conftest import NOW

from bot.model import Call, NextStep, Outcome

if TYPE_CHECKING:
    from pathlib import Path

EMAIL = "anna@nordlys.example"
TRACES = ("Anna Berg", "anna@nordlys", "Leveransen kom", "70 174 06 05", "Nordlys AB", "Soffan saknar ben", "Bo Ek")
ANNA = {"name": "Anna Berg", "email": EMAIL, "phone": "+46 70 174 06 05", "company": "Nordlys AB"}


def call(**changes) -> Call:
    logged = Call(
        caller="U1",
        at=NOW + timedelta(hours=1),
        outcome=Outcome.REACHED,
        notes="Anna Berg: Soffan saknar ben",
        themes=("delivery",),
        next_step=NextStep.CLOSE,
        referral_name="Bo Ek",
    )
    return replace(logged, **changes)


def bytes_of(store: Path) -> bytes:
    return b"".join(each.read_bytes() for each in store.parent.glob(f"{store.name}*"))


def left(store: Path) -> list[str]:
    """Return what can still be read of Anna in the store's file and its log."""
    found = bytes_of(store)
    return [trace for trace in TRACES if trace.encode() in found]


def command(settings, *words):
    """Return what a command is started with, in the environment that it is started in."""
    return [sys.executable, "-m", "bot", *words], {"NPSBOT_DATABASE": str(settings.database), "PATH": ""}


def run(settings, *words):
    words, environment = command(settings, *words)
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
