"""What people do in a workspace: each act is told to the app, and the app's answer takes effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from demo import payloads
from demo.chat import parent_ts
from demo.deliveries import COMMAND, EVENT, INTERACTIVE, Ack
from demo.errors import SlackError
from demo.inputs import complaints, with_action, with_values
from demo.methods import Args
from demo.people import OTHER_TEAM_ID
from demo.responses import Reply
from demo.state import SHORTCUTS, State
from demo.surfaces import checked_modal

if TYPE_CHECKING:
    from demo.messages import Message
    from demo.people import Channel, User
    from demo.views import View

TROUBLE = {
    "http_timeout": "{app} did not answer within 3 seconds.",
    "connection_failed": "{app} could not be reached.",
    "http_error": "{app} answered with an error.",
}


class Actions(State):
    """People's acts; users and channels go by id or name. KeyError for what is not there or not seen."""

    commands = frozenset({"/nps"})
    events = frozenset({"app_home_opened", "app_uninstalled", "channel_shared", "channel_unshared", "tokens_revoked"})

    async def click(  # noqa: PLR0913  # where, what, and which option
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        *,
        value: Any = None,
        block_id: str | None = None,
    ) -> Ack:
        """Use a button, menu or picker of a message; `value` is the option's, or what is picked."""
        person, where = self._at(user, channel)
        private = self.shown.get(person.id, ts)
        message = private or self.store.get(where.id, ts)
        if message is None:
            raise KeyError(f"{user} sees no message {ts} in #{where.name}")
        action = payloads.action_in(message.get("blocks", []), action_id, block_id, value, self.store.next_ts())
        url = self.responses.url(person.id, where.id, message, is_ephemeral=private is not None)
        told = payloads.in_message(where, message, ephemeral=private is not None, response_url=url)
        return await self._act(person, action, told)

    async def click_view(  # noqa: PLR0913  # where, what, which option, and what else is filled in
        self,
        user: str,
        view_id: str,
        action_id: str,
        *,
        value: Any = None,
        block_id: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> Ack:
        """Use a button, menu or picker of an open modal or of App Home (`"home"`).

        `values` is what else is filled in by now, by block_id.
        """
        person = self.people.user(user)
        view = self.view_store.get(person.id, view_id)
        action = payloads.action_in(view["blocks"], action_id, block_id, value, self.store.next_ts())
        state = with_values(view["blocks"], view["state"]["values"], values or {})
        view = self.view_store.fill(person.id, view["id"], with_action(state, action))
        return await self._act(person, action, payloads.in_view(view), view["id"])

    async def submit(self, user: str, view_id: str, values: Mapping[str, Any]) -> Ack:
        """Fill in fields by block_id and hand the form over, unless Slack itself finds something missing."""
        person = self.people.user(user)
        view = self.view_store.get(person.id, view_id)
        state = with_values(view["blocks"], view["state"]["values"], values)
        view = self.view_store.fill(person.id, view["id"], state)
        errors = complaints(view["blocks"], state)
        if errors:
            return Ack(False, 0.0, "not_handed_over", {"response_action": "errors", "errors": errors})
        trigger = self.view_store.trigger(person.id, view["id"])
        ack = await self._send(person, INTERACTIVE, payloads.view_submission(person, trigger, view))
        if ack.ok:
            try:
                self._answer_form(person, view, {} if ack.body is None else ack.body)
            except SlackError as refused:
                self._mistaken(person, "view_submission", refused)
        return ack

    async def close_view(self, user: str, view_id: str, *, all_views: bool = False) -> Ack:
        """Close a modal, or all of them; the app hears of it if it asked to."""
        person = self.people.user(user)
        view = self.view_store.get(person.id, view_id)
        is_cleared = all_views or view["clear_on_close"]
        if is_cleared:
            self.view_store.clear(person.id)
        else:
            self.view_store.close(person.id, view["id"])
        if not view["notify_on_close"]:
            return Ack(True, 0.0)
        return await self._send(person, INTERACTIVE, payloads.view_closed(person, view, is_cleared=is_cleared))

    async def command(self, user: str, channel: str, command: str, text: str = "") -> Ack:
        """Type a slash command; what the app answers appears as a message that only this person sees."""
        person, where = self._at(user, channel)
        if command not in self.commands:
            self._user_error(person, f"{command} is not a valid command.")
            return Ack(False, 0.0, "invalid_command")
        trigger, url = self.view_store.trigger(person.id), self.responses.url(person.id, where.id)
        payload = payloads.slash_command(person, where, (command, text.strip()), trigger, url)
        ack = await self._send(person, COMMAND, payload)
        if ack.ok and ack.body:
            self._answer_command(person, where, ack.body)
        return ack

    async def shortcut(self, user: str, callback_id: str) -> Ack:
        """Use one of the app's shortcuts that are offered everywhere; KeyError when it has none such."""
        person, _ = self.people.user(user), SHORTCUTS["global"][callback_id]
        trigger = self.view_store.trigger(person.id)
        payload = payloads.shortcut(person, callback_id, trigger, self.store.next_ts())
        return await self._send(person, INTERACTIVE, payload)

    async def message_shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Ack:
        """Use one of the app's shortcuts on a message, which is offered on what everybody sees alone."""
        (person, where), _ = self._at(user, channel), SHORTCUTS["message"][callback_id]
        message = self.store.get(where.id, ts)
        if message is None:
            raise KeyError(f"{user} sees no message {ts} in #{where.name}")
        trigger, now = self.view_store.trigger(person.id), self.store.next_ts()
        url = self.responses.url(person.id, where.id)
        payload = payloads.shortcut(person, callback_id, trigger, now)
        return await self._send(person, INTERACTIVE, payload | payloads.on_message(where, message, url))

    async def open_home(self, user: str, tab: str = "home") -> Ack:
        """Open the app's Home, or its messages; the app may then publish."""
        person = self.people.user(user)
        ts = self.store.next_ts()
        channel = self.people.direct(person.id).id
        event = {"type": "app_home_opened", "user": person.id, "channel": channel, "tab": tab, "event_ts": ts}
        home = self.view_store.homes.get(person.id)
        return await self.tell(event | ({"view": home} if home is not None and tab == "home" else {}))

    async def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Write a message to a channel or thread."""
        person, where = self._at(user, channel)
        message = {"user": person.id, "team": person.team_id, "text": text}
        if thread_ts:
            message["thread_ts"] = parent_ts(self, where, thread_ts)
        said = self.store.post(where.id, message)
        kind = "im" if where.user else "group" if where.is_private else "channel"
        await self.tell(said | {"channel": where.id, "channel_type": kind, "event_ts": said["ts"]})
        return said

    async def share(self, channel: str, *, shared: bool = True) -> Ack:
        """Share a channel with another organisation, or share it no more, and tell the app."""
        where = self.people.channel(channel)
        where.is_ext_shared = shared
        event: dict[str, Any] = {"channel": where.id, "event_ts": self.store.next_ts()}
        if shared:
            return await self.tell(event | {"type": "channel_shared", "connected_team_id": OTHER_TEAM_ID})
        ended = {"type": "channel_unshared", "previously_connected_team_id": OTHER_TEAM_ID, "is_ext_shared": False}
        return await self.tell(event | ended)

    async def revoke_token(self) -> Ack:
        """Take the app's token away, as an administrator does, and tell the app."""
        self.token_revoked = True
        return await self.tell({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.bot.id]}})

    async def tell(self, event: dict[str, Any]) -> Ack:
        """Deliver an event if the app wants its kind, and try again later if the app does not take it."""
        if event["type"] not in self.events:
            return Ack(True, 0.0)
        payload = payloads.event_callback(event, self.clock())
        ack = await self.deliveries.send(EVENT, payload)
        if not ack.ok:
            self.refused(event["type"], f"the event was not taken: {ack.error}")
            self.background.start(self.deliveries.retry_event(payload, ack))
        return ack

    def _at(self, user: str, channel: str) -> tuple[User, Channel]:
        person, where = self.people.user(user), self.people.channel(channel)
        if not self.people.sees(person, where):
            raise KeyError(f"{person.name} does not see #{where.name}")
        return person, where

    async def _act(self, person: User, action: dict[str, Any], told: dict[str, Any], view_id: str | None = None) -> Ack:
        trigger = self.view_store.trigger(person.id, view_id)
        return await self._send(person, INTERACTIVE, payloads.block_actions(person, trigger, action) | told)

    async def _send(self, person: User, kind: str, payload: dict[str, Any]) -> Ack:
        ack = await self.deliveries.send(kind, payload)
        if not ack.ok:
            sentence = TROUBLE.get(ack.error or "", "{app} failed.").format(app=self.bot.name)
            self.refused(payload.get("type", kind), f"{sentence} ({ack.error}, {ack.elapsed:.2f} s)")
            self._user_error(person, sentence)
        return ack

    def _user_error(self, person: User, sentence: str) -> None:
        self.feed.publish({"type": "user_error", "user": person.id, "sentence": sentence})

    def _mistaken(self, person: User, kind: str, refused: SlackError) -> None:
        self.refused(kind, str(refused))
        self._user_error(person, f"{self.bot.name} answered with something that Slack does not take.")

    def _answer_form(self, person: User, view: View, answer: Any) -> None:
        """Do with the modals what the app's answer to a submission says."""
        if not isinstance(answer, Mapping):
            raise SlackError("invalid_arguments", f"a submission is answered with nothing or JSON, not {answer}")
        views = self.view_store
        match answer.get("response_action"):
            case None:
                views.close(person.id, view["id"])
            case "clear":
                views.clear(person.id)
            case "update":
                views.update(view["id"], checked_modal(answer.get("view")))
            case "push":
                views.put_on_top(person.id, checked_modal(answer.get("view")))
            case "errors":
                _check_errors(view, answer.get("errors"))
            case other:
                raise SlackError("invalid_arguments", f"Slack knows no response_action {other}")

    def _answer_command(self, person: User, where: Channel, answer: Any) -> None:
        """Show what the app answered to a command within the acknowledgement."""
        given = Args({"text": answer} if isinstance(answer, str) else answer)
        try:
            self.responses.respond(Reply(person.id, where.id, expires=0), given)
        except SlackError as refused:
            self._mistaken(person, "slash_commands", refused)


def _check_errors(view: View, errors: Any) -> None:
    """Refuse errors that stand at no input of the form: Slack shows them nowhere."""
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    if not isinstance(errors, Mapping) or not errors:
        raise SlackError("invalid_arguments", "response_action errors needs a sentence for each block_id")
    for block_id in errors.keys() - inputs:
        raise SlackError("invalid_arguments", f"there is no input {block_id} in the form")
