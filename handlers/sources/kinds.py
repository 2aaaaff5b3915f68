"""Every survey tool that can be named as the kind of a source: adding one is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.sources import (
    asknicely,
    customerio,
    delighted,
    feedbackly,
    formbricks,
    google_forms,
    hubspot,
    jotform,
    json,
    limesurvey,
    make,
    posthog,
    qualtrics,
    refiner,
    retently,
    satismeter,
    simplesat,
    surveymonkey,
    survicate,
    tally,
    trustmary,
    typeform,
    wootric,
    zapier,
    zenloop,
)

if TYPE_CHECKING:
    from handlers.sources import Asked, Source

KINDS: dict[str, Source] = {
    "json": json,
    "typeform": typeform,
    "surveymonkey": surveymonkey,
    "hubspot": hubspot,
    "formbricks": formbricks,
    "tally": tally,
    "jotform": jotform,
    "google_forms": google_forms,
    "delighted": delighted,
    "asknicely": asknicely,
    "retently": retently,
    "simplesat": simplesat,
    "survicate": survicate,
    "refiner": refiner,
    "wootric": wootric,
    "posthog": posthog,
    "qualtrics": qualtrics,
    "limesurvey": limesurvey,
    "customerio": customerio,
    "satismeter": satismeter,
    "zenloop": zenloop,
    "trustmary": trustmary,
    "feedbackly": feedbackly,
    "zapier": zapier,
    "make": make,
}

NUMBERED_IN_SURVEYS = frozenset({"limesurvey"})
"""Those whose ids are unique within one survey only."""

ASKED: dict[str, Asked] = {"surveymonkey": surveymonkey, "hubspot": hubspot, "qualtrics": qualtrics}
"""Those of them whose API is asked for what their events leave out."""
