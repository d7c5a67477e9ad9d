"""What Stripe offers here: its actions, their fields, risks and ways back. Definitions only."""

from bot.actions import Action, Field, Kind, Part, Reversal, Risk

PAYMENT_STATES = ("succeeded", "processing", "requires_payment_method", "requires_action", "canceled")
INVOICE_STATES = ("draft", "open", "paid", "uncollectible", "void")
REASONS = ("requested_by_customer", "duplicate", "fraudulent")

_LIMIT = Field(
    name="limit", title="At most", help="How many to list, from 1 to 50.", kind=Kind.INTEGER, default=10
)
_WHOSE = Field(
    name="customer",
    title="Customer",
    help="A name, an e-mail address or an id (cus_…). Leave empty for all.",
    kind=Kind.OBJECT,
    part=Part.OBJECT,
    required=False,
    longest=200,
)
_AMOUNT = Field(
    name="amount",
    title="Amount",
    help="With its currency, for example 49.90 EUR.",
    kind=Kind.MONEY,
    part=Part.AMOUNT,
)
_LINK = Field(
    name="link",
    title="Payment link",
    help="The id of the link (plink_…).",
    kind=Kind.OBJECT,
    part=Part.OBJECT,
    longest=100,
)


def actions(system: str) -> tuple[Action, ...]:
    """Every action of the connection of that name, the reads first."""
    return (*_reads(system), *_writes(system))


def _reads(system: str) -> tuple[Action, ...]:
    return (
        Action(
            name=f"{system}.find_customers",
            title="Find customers",
            help="Lists customers, the newest first.",
            risk=Risk.R0,
            reversal=Reversal.REVERSIBLE,
            fields=(
                Field(
                    name="query",
                    title="Search words",
                    help="Part of a name, or an e-mail address. Leave empty for all.",
                    required=False,
                    longest=200,
                ),
                _LIMIT,
            ),
            rows=("customer", "name", "email"),
        ),
        Action(
            name=f"{system}.find_payments",
            title="Find payments",
            help="Lists payments, the newest first, with what is left to refund of each.",
            risk=Risk.R0,
            reversal=Reversal.REVERSIBLE,
            fields=(
                _WHOSE,
                Field(
                    name="status",
                    title="Status",
                    help="Only payments that stand like this.",
                    kind=Kind.CHOICE,
                    choices=PAYMENT_STATES,
                    titles=(
                        "went through",
                        "being processed",
                        "waits for a way to pay",
                        "waits for the customer",
                        "called off",
                    ),
                    required=False,
                ),
                _LIMIT,
            ),
            rows=("payment", "amount", "status", "refundable", "customer", "description"),
        ),
        Action(
            name=f"{system}.find_invoices",
            title="Find invoices",
            help="Lists invoices, the newest first.",
            risk=Risk.R0,
            reversal=Reversal.REVERSIBLE,
            fields=(
                _WHOSE,
                Field(
                    name="status",
                    title="Status",
                    help="Only invoices that stand like this.",
                    kind=Kind.CHOICE,
                    choices=INVOICE_STATES,
                    titles=("draft", "waits for payment", "paid in full", "written off", "void"),
                    required=False,
                ),
                _LIMIT,
            ),
            rows=("invoice", "number", "customer", "amount", "status", "link"),
        ),
    )


def _writes(system: str) -> tuple[Action, ...]:
    return (
        Action(
            name=f"{system}.create_payment_link",
            title="Create a payment link",
            help="Makes a web address at which anybody who has it can pay this amount.",
            risk=Risk.R3,
            reversal=Reversal.COMPENSABLE,
            fields=(
                _AMOUNT,
                Field(
                    name="title",
                    title="What it is for",
                    help="The buyer reads it on the payment page.",
                    part=Part.CONTENT,
                    longest=250,
                ),
            ),
            keyed=True,
        ),
        Action(
            name=f"{system}.deactivate_payment_link",
            title="Turn a payment link off",
            help="Nobody can pay by it any more. What was paid stays paid.",
            risk=Risk.R2,
            reversal=Reversal.REVERSIBLE,
            fields=(_LINK,),
            keyed=True,
        ),
        Action(
            name=f"{system}.activate_payment_link",
            title="Turn a payment link on again",
            help="Whoever has the address can pay by it again.",
            risk=Risk.R3,
            reversal=Reversal.REVERSIBLE,
            fields=(_LINK,),
            keyed=True,
        ),
        Action(
            name=f"{system}.send_invoice",
            title="Send an invoice",
            help="Makes an invoice over one amount and sends it to a customer by e-mail.",
            risk=Risk.R3,
            reversal=Reversal.COMPENSABLE,
            fields=(
                Field(
                    name="customer",
                    title="Customer",
                    help="A name, an e-mail address or an id (cus_…).",
                    kind=Kind.OBJECT,
                    part=Part.RECIPIENT,
                    longest=200,
                ),
                _AMOUNT,
                Field(
                    name="description",
                    title="What it is for",
                    help="The line on the invoice.",
                    part=Part.CONTENT,
                    longest=500,
                ),
                Field(
                    name="days",
                    title="Days to pay",
                    help="In how many days it is due, from 1 to 365.",
                    kind=Kind.INTEGER,
                    default=30,
                ),
            ),
            keyed=True,
        ),
        Action(
            name=f"{system}.void_invoice",
            title="Void an invoice",
            help="Withdraws an open invoice for good: it stays in the books, and nobody owes it any more.",
            risk=Risk.R3,
            reversal=Reversal.IRREVERSIBLE,
            fields=(
                Field(
                    name="invoice",
                    title="Invoice",
                    help="The id of the invoice (in_…).",
                    kind=Kind.OBJECT,
                    part=Part.OBJECT,
                    longest=100,
                ),
            ),
            keyed=True,
        ),
        Action(
            name=f"{system}.refund",
            title="Refund a payment",
            help="Pays back part or all of a payment. It cannot be taken back.",
            risk=Risk.R3,
            reversal=Reversal.IRREVERSIBLE,
            fields=(
                Field(
                    name="payment",
                    title="Payment",
                    help="The id of the payment (pi_… or ch_…).",
                    kind=Kind.OBJECT,
                    part=Part.OBJECT,
                    longest=100,
                ),
                Field(
                    name="amount",
                    title="Amount",
                    help="At most what is left to refund, for example 49.90 EUR.",
                    kind=Kind.MONEY,
                    part=Part.AMOUNT,
                    column="refundable",
                ),
                Field(
                    name="reason",
                    title="Reason",
                    help="Why, in Stripe's own terms.",
                    kind=Kind.CHOICE,
                    choices=REASONS,
                    titles=("the customer asked for it", "charged twice", "fraud"),
                    required=False,
                ),
            ),
            keyed=True,
        ),
        Action(
            name=f"{system}.create_customer",
            title="Add a customer",
            help="Adds a customer to the account; nobody is told. Only Stripe's dashboard can delete one again.",
            risk=Risk.R2,
            reversal=Reversal.IRREVERSIBLE,
            fields=(
                Field(name="name", title="Name", part=Part.OBJECT, longest=256),
                Field(
                    name="email",
                    title="E-mail address",
                    help="Invoices go to it. May be left empty.",
                    kind=Kind.EMAIL,
                    part=Part.OBJECT,
                    required=False,
                ),
            ),
            keyed=True,
        ),
    )
