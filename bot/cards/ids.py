"""Every action_id, block_id, callback_id and event_type, once: the cards show them, the listeners answer them."""

from enum import StrEnum


class Action(StrEnum):
    """Buttons and menus."""

    CLAIM = "claim_callback"
    RELEASE = "release_callback"
    LOG_CALL = "log_call"
    REOPEN = "reopen_callback"
    UNREACHABLE = "close_unreachable"
    MENU = "callback_menu"
    SHOW_COMMENT = "show_comment"
    OPEN_LINK = "open_link"
    CONTACT = "contact_details"
    FORGET = "forget_person"
    SNOOZE_ALERT = "snooze_alert"
    MUTE_ALERT = "mute_alert"
    WAKE_ALERT = "wake_alert"
    HUDDLE = "take_in_huddle"
    PREVIOUS = "previous_page"
    NEXT = "next_page"
    OPEN_CARD = "open_card"
    CLAIM_REFERRAL = "claim_referral"
    RELEASE_REFERRAL = "release_referral"
    WON_REFERRAL = "won_referral"
    LOST_REFERRAL = "lost_referral"
    CONTACT_REFERRAL = "referral_contact_details"
    MARK_LESSON = "mark_lesson"
    UNMARK_LESSON = "unmark_lesson"
    THEMES = "correct_themes"


class Listing(StrEnum):
    """The lists that are shown a page at a time, by the names that the buttons and the commands call them."""

    QUEUE = "queue"
    MINE = "mine"
    FIND = "find"
    CUSTOMER = "customer"


class Shortcut(StrEnum):
    """What can be done from anywhere in Slack, and with any message."""

    FIND = "find_customer"
    LOG_CALL = "log_call_with_customer"


class Menu(StrEnum):
    """What the overflow menu of a card offers."""

    ASSIGN = "assign"
    SNOOZE = "snooze"
    WAKE = "wake"
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
    CONTACT = "contact_details"
    HOME = "home"
    NOTICE = "notice"
    FIND = "find_customer"
    FORGET = "forget_person"
    THEMES = "correct_themes"


class Block(StrEnum):
    """Inputs of the modals; the element in each has the action_id `value`."""

    OUTCOME = "outcome"
    NOTES = "notes"
    THEMES = "themes"
    NEXT_STEP = "next_step"
    CALL_AGAIN_AT = "call_again_at"
    PREFERRED_TIME = "preferred_time"
    RIGHT_NUMBER = "right_number"
    REFERRAL_NAME = "referral_name"
    REFERRAL_CONTACT = "referral_contact"
    LESSON = "lesson"
    ASSIGNEE = "assignee"
    COMMENT = "comment"
    UNTIL = "until"
    REASON_CHOICE = "reason_choice"
    REASON = "reason"
    TEXT = "text"


class Event(StrEnum):
    """What the bot's messages say of themselves in their metadata."""

    RESPONSE = "nps_response"
    DIGEST = "nps_digest"
    NOTE = "nps_note"


VALUE = "value"
COMMAND = "/nps"
