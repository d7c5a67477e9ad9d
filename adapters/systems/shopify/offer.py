"""What Shopify offers here: its actions, their fields, risks and ways back. Definitions only."""

from dataclasses import replace

from bot.actions import Action, Field, Kind, Mode, Narrows, Part, Reversal, Risk

STATES = ("open", "closed", "cancelled")

_ORDER = Field(
    name="order",
    title="Order",
    help="The number of the order, for example 1007 or #1007.",
    kind=Kind.OBJECT,
    part=Part.OBJECT,
    longest=100,
)
_QUERY = Field(
    name="query",
    title="Search words",
    help="Part of a number, a name or an address. Leave empty for all.",
    required=False,
    longest=200,
)
_LIMIT = Field(
    name="limit", title="At most", help="How many to list, from 1 to 50.", kind=Kind.INTEGER, default=10
)
_NOTIFY = Field(
    name="notify",
    title="Tell the customer",
    help="Whether Shopify writes to the customer about it.",
    kind=Kind.BOOLEAN,
    default=True,
)
_TRACKING = Field(
    name="tracking",
    title="Tracking number",
    help="The carrier's number for the parcel.",
    mode=Mode.MANUAL,
    part=Part.CONTENT,
    longest=100,
)
_LOCATION = Field(
    name="location",
    title="Place",
    help="The name of the place. Needed only where there are several.",
    kind=Kind.OBJECT,
    required=False,
    longest=100,
)


def actions(system: str) -> tuple[Action, ...]:
    """Every action of the connection of that name, the reads first."""
    return (*_reads(system), *_on_orders(system), *_of_goods_and_money(system))


def _reads(system: str) -> tuple[Action, ...]:
    return (
        Action(
            name=f"{system}.find_orders",
            title="Find orders",
            help="Lists orders, the newest first.",
            risk=Risk.R0,
            reversal=Reversal.REVERSIBLE,
            fields=(
                _QUERY,
                Field(
                    name="status",
                    title="Status",
                    help="Only orders that stand like this.",
                    kind=Kind.CHOICE,
                    choices=STATES,
                    titles=("open", "archived", "cancelled"),
                    required=False,
                ),
                _LIMIT,
            ),
            rows=("order", "id", "customer", "total", "paid_back", "payment", "shipping", "note", "tags"),
        ),
        Action(
            name=f"{system}.get_order",
            title="Look at an order",
            help="Everything about one order: what was bought, where it goes, what was paid back and noted.",
            risk=Risk.R0,
            reversal=Reversal.REVERSIBLE,
            fields=(_ORDER,),
        ),
        Action(
            name=f"{system}.stock",
            title="Look at the stock",
            help="Lists products and how many of each can be sold, place by place.",
            risk=Risk.R0,
            reversal=Reversal.REVERSIBLE,
            fields=(
                _QUERY,
                Field(
                    name="below",
                    title="Fewer than",
                    help="Only products of which there are fewer than this.",
                    kind=Kind.INTEGER,
                    required=False,
                    narrows=Narrows.BELOW,
                ),
                _LIMIT,
            ),
            rows=("item", "title", "location", "available"),
        ),
    )


def _on_orders(system: str) -> tuple[Action, ...]:
    return (
        Action(
            name=f"{system}.update_order",
            title="Update an order",
            help="Replaces the note or the tags of an order. Customers do not see them.",
            risk=Risk.R1,
            reversal=Reversal.REVERSIBLE,
            fields=(
                _ORDER,
                Field(
                    name="note",
                    title="Note",
                    help="The new note. Leave empty to keep the old one.",
                    kind=Kind.LONG_TEXT,
                    part=Part.CONTENT,
                    required=False,
                    longest=5_000,
                ),
                Field(
                    name="tags",
                    title="Tags",
                    help="All the tags it is to have, with commas between them. Leave empty to keep the old ones.",
                    part=Part.CONTENT,
                    required=False,
                    longest=2_000,
                ),
                Field(
                    name="clear",
                    title="Remove",
                    help="What to remove without putting anything in its place.",
                    kind=Kind.CHOICE,
                    choices=("note", "tags", "note, tags"),
                    titles=("the note", "the tags", "the note and the tags"),
                    required=False,
                ),
            ),
        ),
        Action(
            name=f"{system}.change_address",
            title="Change where an order goes",
            help="Replaces the whole shipping address of an order: what is left empty is empty then.",
            risk=Risk.R2,
            reversal=Reversal.COMPENSABLE,
            fields=(
                _ORDER,
                Field(
                    name="first_name", title="First name", part=Part.RECIPIENT, required=False, longest=100
                ),
                Field(name="last_name", title="Last name", part=Part.RECIPIENT, longest=100),
                Field(name="company", title="Company", part=Part.RECIPIENT, required=False, longest=100),
                Field(name="street", title="Street and number", part=Part.RECIPIENT, longest=200),
                Field(
                    name="street2",
                    title="Second line of the address",
                    help="A floor, a building, a flat.",
                    part=Part.RECIPIENT,
                    required=False,
                    longest=200,
                ),
                Field(name="city", title="City", part=Part.RECIPIENT, longest=100),
                Field(name="zip", title="Postcode", part=Part.RECIPIENT, required=False, longest=20),
                Field(
                    name="province",
                    title="Region",
                    help="Its code, where addresses need one, for example QC.",
                    part=Part.RECIPIENT,
                    required=False,
                    longest=10,
                ),
                Field(
                    name="country",
                    title="Country",
                    help="Its two letters, for example FR.",
                    part=Part.RECIPIENT,
                    longest=2,
                ),
                Field(
                    name="phone",
                    title="Telephone",
                    help="With the country's code, for example +33123456789.",
                    part=Part.RECIPIENT,
                    required=False,
                    longest=30,
                ),
            ),
        ),
    )


def _of_goods_and_money(system: str) -> tuple[Action, ...]:
    return (
        Action(
            name=f"{system}.set_stock",
            title="Correct the stock",
            help="Sets how many of a product can be sold at one place.",
            risk=Risk.R1,
            reversal=Reversal.REVERSIBLE,
            fields=(
                Field(
                    name="item",
                    title="Product",
                    help="The product's code (SKU), for example MUG-BLUE.",
                    kind=Kind.OBJECT,
                    part=Part.OBJECT,
                    longest=100,
                ),
                _LOCATION,
                Field(
                    name="count",
                    title="Pieces",
                    help="How many there are, 0 or more.",
                    kind=Kind.INTEGER,
                ),
            ),
            keyed=True,
        ),
        Action(
            name=f"{system}.fulfil",
            title="Ship an order",
            help="Marks what is left of an order as shipped in one parcel.",
            risk=Risk.R2,
            reversal=Reversal.COMPENSABLE,
            fields=(
                _ORDER,
                _TRACKING,
                Field(
                    name="carrier",
                    title="Carrier",
                    help="As Shopify calls it, for example Colissimo; it makes the number a link.",
                    required=False,
                    longest=100,
                ),
                Field(
                    name="url",
                    title="Address for tracking",
                    help="Where the parcel can be followed, if the carrier is not known to Shopify.",
                    kind=Kind.URL,
                    part=Part.CONTENT,
                    required=False,
                ),
                _LOCATION,
                _NOTIFY,
            ),
        ),
        Action(
            name=f"{system}.cancel_fulfilment",
            title="Call a parcel back",
            help="Marks a parcel of an order as not shipped after all.",
            risk=Risk.R2,
            reversal=Reversal.IRREVERSIBLE,
            fields=(_ORDER, replace(_TRACKING, mode=Mode.AUTO)),
        ),
        Action(
            name=f"{system}.refund",
            title="Refund an order",
            help="Pays back part or all of what a customer paid for an order. It cannot be taken back.",
            risk=Risk.R3,
            reversal=Reversal.IRREVERSIBLE,
            fields=(
                _ORDER,
                Field(
                    name="amount",
                    title="Amount",
                    help="At most what is left to refund, for example 49.90 EUR.",
                    kind=Kind.MONEY,
                    part=Part.AMOUNT,
                ),
                Field(
                    name="reason",
                    title="Reason",
                    help="Why, for the books.",
                    part=Part.CONTENT,
                    required=False,
                    longest=300,
                ),
                _NOTIFY,
            ),
            keyed=True,
        ),
    )
