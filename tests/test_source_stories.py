"""What a tool sends of one response over time, in every order and twice: one response, as the newest tells it."""

from __future__ import annotations

from itertools import permutations

import pytest
from conftest import NOW, SECRET, an_empty_store
from recorded import delivery_of, recording

from bot import intake
from bot.config import SourceSettings
from handlers.reading import read_delivery

SLOW = "Sovellus kaatuu aina kun yritän tallentaa 😤"
CRASHED = "Årsoppgjøret krasjet midt i innsendingen 😱"
FAST = "Supporten svarade på tio minuter och löste allt – grymt jobbat! 🎉"
STORIES = [
    ("delighted", ("created_score_alone", "updated_comment_later", "updated_score_changed_to_zero"), 0, 1),
    ("wootric", ("created_zero", "updated_text_and_score"), 10, "Kaikki hyvin"),
    ("asknicely", ("first_score_without_comment", "comment_later"), 10, "Aina yhtä hyvä"),
    ("formbricks", ("created_with_score_alone", "updated_with_comment", "finished_zero"), 0, SLOW),
    ("survicate", ("question_answered_zero", "question_answered_comment_before_the_score"), 0, CRASHED),
    ("survicate", ("question_answered_zero", "completed_zero_is_an_id", "contact_form"), 0, CRASHED),
    ("posthog", ("partial_zero", "completed"), 9, "Elsker den nye søkefunksjonen 🔎💚"),
    ("feedbackly", ("score", "comment_before_the_score", "contact_field"), 3, "Jonot"),
    ("typeform", ("partial_comment_before_the_score", "partial_with_the_score", "nps_all_fields"), 9, FAST),
    ("refiner", ("partial_comment_beside_an_old_score", "completed"), 9, "Snabbt, snyggt och enkelt – älskar det ❤️"),
]


@pytest.mark.parametrize(("kind", "names", "score", "comment"), STORIES, ids=[f"{s[0]}-{s[1][-1]}" for s in STORIES])
def test_in_any_order_and_twice(settings, kind, names, score, comment):
    """Score then comment, comment then score, a changed score, a part and the whole: one response, one card."""
    source = SourceSettings(kind, kind, (SECRET,))
    told = [read_delivery(source, delivery_of(recording(kind, name))) for name in names]
    comment = told[comment][0].comment if isinstance(comment, int) else comment
    for order in permutations(told):
        with an_empty_store() as db:
            for found in order:
                intake.receive_all(db, settings, kind, found, NOW)
            assert db.rows("select score, comment from responses") == [{"score": score, "comment": comment}]
            assert db.value("select count(*) from messages where kind = 'card'") == 1
            again = [intake.receive_all(db, settings, kind, found, NOW)[0].status for found in order]
            assert again == [intake.Status.DUPLICATE] * len(told)
