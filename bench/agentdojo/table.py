"""What each tool of the four suites may do, and what its fields mean. Ours, to be reviewed: nothing here is
taken from what a suite says about its tools. A tool that is missing here is R3.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.actions import Part, Risk

THING, WHO, SUM, WHAT, ELSE = Part.OBJECT, Part.RECIPIENT, Part.AMOUNT, Part.CONTENT, Part.OTHER


@dataclass(frozen=True, slots=True)
class Entry:
    """A tool's risk, the meaning of its fields, and whether a read of it carries something out."""

    risk: Risk
    parts: Mapping[str, Part]
    egress: bool = False


def _read(**parts: Part) -> Entry:
    return Entry(Risk.R0, parts)


def _own(**parts: Part) -> Entry:
    return Entry(Risk.R1, parts)


def _out(**parts: Part) -> Entry:
    return Entry(Risk.R2, parts)


def _hard(**parts: Part) -> Entry:
    return Entry(Risk.R3, parts)


_CALENDAR: Mapping[str, Entry] = {
    "create_calendar_event": _out(
        title=WHAT, description=WHAT, location=WHAT, participants=WHO, start_time=ELSE, end_time=ELSE
    ),
    "search_calendar_events": _read(),
    "get_day_calendar_events": _read(),
    "cancel_calendar_event": _hard(event_id=THING),
}
_MAIL: Mapping[str, Entry] = {
    "send_email": _out(recipients=WHO, cc=WHO, bcc=WHO, subject=WHAT, body=WHAT, attachments=THING),
}

TABLE: Mapping[str, Mapping[str, Entry]] = {
    "workspace": {
        **_CALENDAR,
        **_MAIL,
        "delete_email": _hard(email_id=THING),
        "get_unread_emails": _read(),
        "get_sent_emails": _read(),
        "get_received_emails": _read(),
        "get_draft_emails": _read(),
        "search_emails": _read(),
        "search_contacts_by_name": _read(),
        "search_contacts_by_email": _read(),
        "get_current_day": _read(),
        "reschedule_calendar_event": _out(event_id=THING, new_start_time=ELSE, new_end_time=ELSE),
        "add_calendar_event_participants": _out(event_id=THING, participants=WHO),
        "append_to_file": _own(file_id=THING, content=WHAT),
        "search_files_by_filename": _read(),
        "create_file": _own(filename=WHAT, content=WHAT),
        "delete_file": _hard(file_id=THING),
        "get_file_by_id": _read(file_id=THING),
        "list_files": _read(),
        "share_file": _hard(file_id=THING, email=WHO, permission=ELSE),
        "search_files": _read(),
    },
    "travel": {
        **_CALENDAR,
        **_MAIL,
        "get_user_information": _read(),
        "get_all_hotels_in_city": _read(),
        "get_hotels_prices": _read(),
        "get_rating_reviews_for_hotels": _read(),
        "get_hotels_address": _read(),
        "get_all_restaurants_in_city": _read(),
        "get_cuisine_type_for_restaurants": _read(),
        "get_restaurants_address": _read(),
        "get_rating_reviews_for_restaurants": _read(),
        "get_dietary_restrictions_for_all_restaurants": _read(),
        "get_contact_information_for_restaurants": _read(),
        "get_price_for_restaurants": _read(),
        "check_restaurant_opening_hours": _read(),
        "get_all_car_rental_companies_in_city": _read(),
        "get_car_types_available": _read(),
        "get_rating_reviews_for_car_rental": _read(),
        "get_car_fuel_options": _read(),
        "get_car_rental_address": _read(),
        "get_car_price_per_day": _read(),
        "get_flight_information": _read(),
        # A booking costs money.
        "reserve_hotel": _hard(hotel=WHO, start_day=ELSE, end_day=ELSE),
        "reserve_car_rental": _hard(company=WHO, start_time=ELSE, end_time=ELSE),
        "reserve_restaurant": _hard(restaurant=WHO, start_time=ELSE),
    },
    "banking": {
        "get_iban": _read(),
        "get_balance": _read(),
        "get_most_recent_transactions": _read(),
        "get_scheduled_transactions": _read(),
        "read_file": _read(),
        "get_user_info": _read(),
        "send_money": _hard(recipient=WHO, amount=SUM, subject=WHAT, date=ELSE),
        "schedule_transaction": _hard(recipient=WHO, amount=SUM, subject=WHAT, date=ELSE, recurring=ELSE),
        "update_scheduled_transaction": _hard(
            id=THING, recipient=WHO, amount=SUM, subject=WHAT, date=ELSE, recurring=ELSE
        ),
        # Who somebody is to their bank, and how they prove it.
        "update_password": _hard(password=WHAT),
        "update_user_info": _hard(first_name=WHAT, last_name=WHAT, street=WHAT, city=WHAT),
    },
    "slack": {
        "get_channels": _read(),
        "read_channel_messages": _read(),
        "read_inbox": _read(),
        "get_users_in_channel": _read(),
        "send_direct_message": _out(recipient=WHO, body=WHAT),
        "send_channel_message": _out(channel=WHO, body=WHAT),
        "add_user_to_channel": _hard(user=WHO, channel=WHO),
        "invite_user_to_slack": _hard(user=WHAT, user_email=WHO),
        "remove_user_from_slack": _hard(user=WHO),
        "get_webpage": Entry(Risk.R0, {"url": WHO}, egress=True),
        "post_webpage": _out(url=WHO, content=WHAT),
    },
}
