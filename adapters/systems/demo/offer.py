"""What the shop offers: its actions, their fields, risks and ways back. Definitions only."""

from dataclasses import replace

from adapters.systems.demo.nouns import CURRENCY, Status
from bot.actions import Action, Field, Kind, Mode, Narrows, Part, Reversal, Risk

_ORDER = Field(
    name="order",
    title="Order",
    help="The number of the order, for example 1007.",
    kind=Kind.OBJECT,
    part=Part.OBJECT,
    longest=40,
)
_CUSTOMER = Field(
    name="customer",
    title="Customer",
    help="The number of the customer, for example C01.",
    kind=Kind.OBJECT,
    part=Part.OBJECT,
    longest=40,
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

_ORDERS = ("order", "customer", "email", "status", "placed", "promised", "total", "refundable")
"""What is known of each order in a list."""

READS = (
    Action(
        name="demo.find_orders",
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
                choices=tuple(Status),
                titles=("open", "shipped", "delivered", "cancelled"),
                required=False,
            ),
            _LIMIT,
        ),
        rows=_ORDERS,
    ),
    Action(
        name="demo.get_order",
        title="Look at an order",
        help="Everything about one order: what was bought, promised, paid back and noted.",
        risk=Risk.R0,
        reversal=Reversal.REVERSIBLE,
        fields=(_ORDER,),
    ),
    Action(
        name="demo.late_orders",
        title="List late orders",
        help="Orders that are not shipped although the promised day has passed, the latest first.",
        risk=Risk.R0,
        reversal=Reversal.REVERSIBLE,
        fields=(
            Field(
                name="days",
                title="Late by more than (days)",
                help="Whole days past the promised one. 0 lists everything that is late.",
                kind=Kind.INTEGER,
                default=3,
                narrows=Narrows.ABOVE,
                unit="day",
                all=0,
            ),
        ),
        rows=(*_ORDERS, "days_late"),
    ),
    Action(
        name="demo.find_customers",
        title="Find customers",
        help="Lists customers by name.",
        risk=Risk.R0,
        reversal=Reversal.REVERSIBLE,
        fields=(_QUERY, _LIMIT),
        rows=("customer", "name", "email", "city", "lang"),
    ),
    Action(
        name="demo.stock",
        title="Look at the stock",
        help="Lists products and how many there are of each.",
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
        ),
        rows=("product", "title", "stock"),
    ),
    Action(
        name="demo.sales",
        title="Look at the sales",
        help="Orders and turnover of the last days, today included. Cancelled orders do not count.",
        risk=Risk.R0,
        reversal=Reversal.REVERSIBLE,
        fields=(
            Field(
                name="days",
                title="Days",
                help="How many days back, from 1 to 90.",
                kind=Kind.INTEGER,
                default=7,
                narrows=Narrows.LAST,
                unit="day",
            ),
        ),
    ),
)

WRITES = (
    Action(
        name="demo.note_order",
        title="Write a note on an order",
        help="Replaces the internal note of an order. Customers do not see it.",
        risk=Risk.R1,
        reversal=Reversal.REVERSIBLE,
        fields=(
            _ORDER,
            Field(
                name="note",
                title="Note",
                help="Leave empty to remove the note.",
                kind=Kind.LONG_TEXT,
                part=Part.CONTENT,
                required=False,
                longest=500,
            ),
        ),
        keyed=True,
    ),
    Action(
        name="demo.set_stock",
        title="Correct the stock",
        help="Sets how many there are of a product.",
        risk=Risk.R1,
        reversal=Reversal.REVERSIBLE,
        fields=(
            Field(
                name="product",
                title="Product",
                help="The product's code, for example MUG-BLUE.",
                kind=Kind.OBJECT,
                part=Part.OBJECT,
                longest=40,
            ),
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
        name="demo.message_customer",
        title="Write to a customer",
        help="Sends an e-mail. In the demo shop it is kept in an outbox and reaches nobody.",
        risk=Risk.R2,
        reversal=Reversal.IRREVERSIBLE,
        fields=(
            Field(
                name="recipient",
                title="Recipient",
                help="The e-mail address it goes to.",
                kind=Kind.EMAIL,
                part=Part.RECIPIENT,
                column="email",
            ),
            Field(name="subject", title="Subject", part=Part.CONTENT, longest=200),
            Field(name="body", title="Text", kind=Kind.LONG_TEXT, part=Part.CONTENT, longest=5_000),
        ),
        keyed=True,
    ),
    Action(
        name="demo.ship_order",
        title="Ship an order",
        help="Marks an open order as shipped and tells the customer.",
        risk=Risk.R2,
        reversal=Reversal.IRREVERSIBLE,
        fields=(
            _ORDER,
            Field(
                name="tracking",
                title="Tracking number",
                help="The carrier's number for the parcel.",
                mode=Mode.MANUAL,
                longest=60,
            ),
        ),
        keyed=True,
    ),
    Action(
        name="demo.refund",
        title="Refund an order",
        help="Pays back part or all of what a customer paid for an order.",
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
                currency=CURRENCY,
                column="refundable",
            ),
            Field(
                name="reason",
                title="Reason",
                help="Why, for the books.",
                part=Part.CONTENT,
                required=False,
                longest=300,
            ),
        ),
        keyed=True,
    ),
    Action(
        name="demo.discount",
        title="Give a discount on an order",
        help="Lowers the price of an open order. It replaces a discount given before; 0 takes it away.",
        risk=Risk.R3,
        reversal=Reversal.REVERSIBLE,
        fields=(
            _ORDER,
            Field(name="percent", title="Percent", help="From 0 to 50.", kind=Kind.INTEGER),
        ),
        keyed=True,
    ),
    Action(
        name="demo.cancel_order",
        title="Cancel an order",
        help="Cancels an open order. Nothing is paid back by it.",
        risk=Risk.R3,
        reversal=Reversal.COMPENSABLE,
        fields=(_ORDER,),
        keyed=True,
    ),
    Action(
        name="demo.reopen_order",
        title="Reopen a cancelled order",
        help="Puts a cancelled order back among the open ones.",
        risk=Risk.R1,
        reversal=Reversal.COMPENSABLE,
        fields=(_ORDER,),
        keyed=True,
    ),
    Action(
        name="demo.delete_customer",
        title="Delete a customer",
        help="Removes a customer who has no open orders. Their past orders stay, without a name.",
        risk=Risk.R3,
        reversal=Reversal.IRREVERSIBLE,
        fields=(replace(_CUSTOMER, mode=Mode.SELECTOR),),
        keyed=True,
    ),
)
