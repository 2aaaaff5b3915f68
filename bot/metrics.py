"""What /metrics tells, in Prometheus' words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from storage import callbacks, fetches, outbox, quarantine, traffic

if TYPE_CHECKING:
    from storage.db import Db

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The counters of one running bot."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.deliveries = Counter(
            "npsbot_deliveries",
            "Webhook deliveries by source and answer",
            ["source", "answer"],
            registry=self.registry,
        )
        self.slack_calls = Counter(
            "npsbot_slack_calls",
            "Calls to Slack by method and outcome",
            ["method", "outcome"],
            registry=self.registry,
        )
        self.commits = Histogram(
            "npsbot_commit_seconds", "Time of one commit to disk", registry=self.registry, buckets=SECONDS
        )
        self.batch = Histogram(
            "npsbot_commit_writes",
            "Writes that shared one commit",
            registry=self.registry,
            buckets=(1, 4, 16, 64, 256),
        )
        self.acknowledged = Histogram(
            "npsbot_acknowledge_seconds",
            "Time until what Slack sent was acknowledged",
            registry=self.registry,
            buckets=SECONDS,
        )
        self.last_delivery = Gauge(
            "npsbot_last_delivery_timestamp_seconds",
            "When a source last delivered something authentic",
            ["source"],
            registry=self.registry,
        )
        self.quarantine = Gauge(
            "npsbot_quarantine", "Deliveries that could not be mapped by source", ["source"], registry=self.registry
        )
        self.fetches = Gauge(
            "npsbot_fetches", "Responses to be asked of a tool's API by source", ["source"], registry=self.registry
        )
        self.outbox = Gauge(
            "npsbot_outbox_messages", "Messages in the outbox by state", ["state"], registry=self.registry
        )
        self.outbox_age = Gauge(
            "npsbot_outbox_oldest_seconds", "Age of the oldest message that waits", registry=self.registry
        )
        self.callbacks = Gauge("npsbot_callbacks", "Callbacks by state", ["state"], registry=self.registry)
        self.oldest_callback = Gauge(
            "npsbot_callback_oldest_seconds",
            "Age of the oldest callback that nobody holds",
            registry=self.registry,
        )

    def committed(self, seconds: float, writes: int) -> None:
        """Count one commit."""
        self.commits.observe(seconds)
        self.batch.observe(writes)

    def text(self, figures: dict[str, dict[str, float]]) -> bytes:
        """Return the page, with the store's figures of this moment."""
        for state in ("queued", "sending", "unknown", "failed"):
            self.outbox.labels(state).set(figures["outbox"].get(state, 0))
        self.outbox_age.set(figures["outbox"].get("age", 0))
        for state in ("open", "claimed", "closed"):
            self.callbacks.labels(state).set(figures["callbacks"].get(state, 0))
        self.oldest_callback.set(figures["callbacks"].get("age", 0))
        by_source = {"last_delivery": self.last_delivery, "quarantine": self.quarantine, "fetches": self.fetches}
        for name, gauge in by_source.items():
            gauge.clear()
            for source, figure in figures[name].items():
                gauge.labels(source).set(figure)
        return generate_latest(self.registry)


def figures(db: Db, now: datetime | None = None) -> dict[str, dict[str, float]]:
    """Read from the store how much waits, and for how long, in seconds; and how the sources fare."""
    now = now or datetime.now(UTC)

    def age(since: datetime | None) -> float:
        return 0.0 if since is None else max(0.0, (now - since).total_seconds())

    waiting, held = outbox.figures(db), callbacks.figures(db)
    return {
        "outbox": {**waiting, "age": age(waiting.pop("oldest"))},
        "callbacks": {**held, "age": age(held.pop("oldest"))},
        "quarantine": {**quarantine.by_source(db)},
        "fetches": {source: row["n"] for source, row in fetches.waiting(db).items()},
        "last_delivery": {source: at.timestamp() for source, at in traffic.last(db).items()},
    }
