"""Every action_id, block_id, callback_id and event_type, once: the cards show them, the listeners answer them."""

from enum import StrEnum


class Action(StrEnum):
    """Buttons and menus."""

    CLAIM = "claim_callback"
    RELEASE = "release_callback"
    LOG_CALL = "log_call"
    REOPEN = "reopen_callback"
    MENU = "callback_menu"
    SHOW_COMMENT = "show_comment"
    OPEN_LINK = "open_link"
    FORGET = "forget_person"


class Menu(StrEnum):
    """What the overflow menu of a card offers."""

    ASSIGN = "assign"
    SNOOZE = "snooze"
    DISMISS = "dismiss"
    HISTORY = "history"


class View(StrEnum):
    """Modals."""

    LOG_CALL = "log_call"
    ASSIGN = "assign_callback"
    SNOOZE = "snooze_callback"
    DISMISS = "dismiss_callback"
    COMMENT = "full_comment"
    HISTORY = "callback_history"
    HOME = "home"
    NOTICE = "notice"


class Block(StrEnum):
    """Inputs of the modals; the element in each has the action_id `value`."""

    OUTCOME = "outcome"
    NOTES = "notes"
    THEMES = "themes"
    NEXT_STEP = "next_step"
    CALL_AGAIN_AT = "call_again_at"
    REFERRAL_NAME = "referral_name"
    REFERRAL_CONTACT = "referral_contact"
    ASSIGNEE = "assignee"
    UNTIL = "until"
    REASON = "reason"


class Event(StrEnum):
    """What the bot's messages say of themselves in their metadata."""

    RESPONSE = "nps_response"
    DIGEST = "nps_digest"
    NOTE = "nps_note"


VALUE = "value"
COMMAND = "/nps"
