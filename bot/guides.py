"""What to paste into each survey tool, in a line or two; docs/sources.md tells the rest."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Bears(Enum):
    """How a tool shows that a delivery is its own."""

    SIGNATURE = auto()
    """It signs with a secret that is typed into it."""
    OWN = auto()
    """It signs with a secret that it makes itself."""
    HEADER = auto()
    """It sends a header that is typed into it."""
    ADDRESS = auto()
    """It sends nothing of the kind: the address bears the secret."""
    BODY = auto()
    """It sends a token that is typed into it, within the body."""


@dataclass(frozen=True, slots=True)
class Guide:
    """Where a tool takes the address (`place`), and where it takes or shows the secret (`secret`).

    `wait` is how many seconds a card waits for its comment, where a tool sends that a moment later.
    """

    place: str
    bears: Bears
    secret: str = ""
    header: str = "X-Bot-Token: {secret}"
    wait: int = 0


CUSTOM = Guide("wherever it is sent from", Bears.HEADER, header="Authorization: Bearer {secret}")
GUIDES = {
    "json": CUSTOM,
    "typeform": Guide(
        "the form: Connect → Webhooks → Add a webhook; switch it on when all is in",
        Bears.SIGNATURE,
        "Edit → Secret",
    ),
    "surveymonkey": Guide(
        "a webhook made through SurveyMonkey's API, as subscription_url, event response_completed",
        Bears.OWN,
        "the client id & the client secret of your app, joined by an ampersand, from developer.surveymonkey.com",
    ),
    "hubspot": Guide(
        "Automation → Workflows → Send a webhook, with all properties",
        Bears.OWN,
        "the client secret of your app; or any long text for a workflow without an app, at the end of the address",
    ),
    "formbricks": Guide(
        "Configuration → Integrations → Webhooks → Add webhook",
        Bears.OWN,
        "the webhook's signing secret, whsec_…",
        wait=20,
    ),
    "tally": Guide("Integrations → Webhooks → Connect", Bears.SIGNATURE, "Add a signing secret"),
    "jotform": Guide("Settings → Integrations → Webhooks", Bears.ADDRESS),
    "google_forms": Guide(
        "the script docs/google_forms.gs, its first line", Bears.SIGNATURE, "the script's second line"
    ),
    "delighted": Guide(
        "Integrations → Webhooks → Connect", Bears.OWN, "the project's private API key, from Settings → API", wait=20
    ),
    "asknicely": Guide("Settings → Integrations → Webhooks", Bears.HEADER, header="X-Webhook-Token: {secret}", wait=20),
    "retently": Guide("the campaign: Export → Create new webhook", Bears.HEADER, header="X-Webhook-Token: {secret}"),
    "simplesat": Guide("the address that you give to Simplesat's support", Bears.ADDRESS),
    "survicate": Guide(
        "Settings → Integrations → Webhooks", Bears.OWN, "the workspace's signing secret, on the same page", wait=20
    ),
    "refiner": Guide("Integrations → Webhooks → Create Webhook", Bears.ADDRESS),
    "wootric": Guide(
        "Settings → Integrations → Webhooks", Bears.OWN, "the account's webhook token, on the same page", wait=20
    ),
    "posthog": Guide("Data pipeline → Destinations → New → HTTP Webhook", Bears.HEADER, wait=20),
    "qualtrics": Guide("Workflows → Survey response → Add task → Web service", Bears.HEADER),
    "limesurvey": Guide(
        "the survey's plugin settings, LimeSurveyWebhook", Bears.BODY, "the same page, API Authentication Token"
    ),
    "customerio": Guide("a campaign: Send and receive data → Add request", Bears.HEADER),
    "satismeter": Guide("Settings → Integrations → Webhooks", Bears.ADDRESS),
    "zenloop": Guide("Settings → Notifications → Create alert → webhook", Bears.ADDRESS),
    "trustmary": Guide("the survey's settings: Webhooks → Add new", Bears.ADDRESS),
    "feedbackly": Guide(
        "the touchpoint's custom setting webhookURL; and as webhookAuthHeader",
        Bears.HEADER,
        header="Bearer {secret}",
        wait=20,
    ),
    "zapier": Guide("the Zap: Webhooks by Zapier → POST", Bears.HEADER),
    "make": Guide("the scenario: HTTP → Make a request", Bears.HEADER),
}


def steps(kind: str, address: str, secret: str | None) -> list[str]:
    """Return the lines to read after a source was added; `secret` is None where the tool makes its own."""
    guide = GUIDES[kind]
    bears = f"{address}?secret={secret}" if guide.bears is Bears.ADDRESS else address
    lines = [f"Paste into {kind} ({guide.place}):", f"  address  {bears}"]
    if secret is None:
        lines += [f"Then put into npsbot.toml, as this source's secret: {guide.secret}."]
    elif guide.bears is Bears.HEADER:
        lines += [f"  header   {guide.header.format(secret=secret)}"]
    elif guide.bears in {Bears.SIGNATURE, Bears.BODY}:
        lines += [f"  secret   {secret}   ({guide.secret})"]
    return lines
