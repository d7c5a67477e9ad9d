"""What Zoho CRM offers: its actions, their fields, risks and ways back. Definitions only."""

from bot.actions import Action, Field, Kind, Part, Reversal, Risk

MODULES = ("Contacts", "Accounts", "Leads", "Deals")

_MODULE = Field(
    name="module",
    title="Kind of record",
    kind=Kind.CHOICE,
    choices=MODULES,
    titles=("contacts", "accounts", "leads", "deals"),
    default="Contacts",
)
_RECORD = Field(
    name="record",
    title="Record",
    help="The name, the e-mail address or the number of a customer or a deal.",
    kind=Kind.OBJECT,
    part=Part.OBJECT,
    longest=254,
)


def actions(system: str) -> tuple[Action, ...]:
    """Every action, named for the connection."""
    return (
        _read(
            system,
            "find_records",
            "Find records",
            "Searches contacts, accounts, leads or deals.",
            _MODULE,
            Field(
                name="query",
                title="Search words",
                help="Part of a name, an address or a number.",
                longest=200,
            ),
            Field(
                name="limit",
                title="At most",
                help="How many to list, from 1 to 50.",
                kind=Kind.INTEGER,
                default=10,
            ),
        ),
        _read(system, "get_record", "Look at a record", "What is kept about one record.", _MODULE, _RECORD),
        Action(
            name=f"{system}.update_record",
            title="Update a record",
            help="Changes only the fields that are named.",
            risk=Risk.R1,
            reversal=Reversal.REVERSIBLE,
            fields=(
                _MODULE,
                _RECORD,
                Field(
                    name="fields",
                    title="Fields",
                    help="By their names or labels in Zoho, for example Phone=+33 1 23; Lead Source=Partner. Nothing behind the = empties one.",
                    kind=Kind.FIELDS,
                    part=Part.CONTENT,
                ),
            ),
        ),
        Action(
            name=f"{system}.add_note",
            title="Add a note",
            help="Writes a note on one record. Colleagues see it in Zoho.",
            risk=Risk.R1,
            reversal=Reversal.REVERSIBLE,
            fields=(
                _MODULE,
                _RECORD,
                Field(name="title", title="Title", part=Part.CONTENT, required=False, longest=120),
                Field(name="text", title="Text", kind=Kind.LONG_TEXT, part=Part.CONTENT, longest=15_000),
            ),
        ),
        Action(
            name=f"{system}.delete_note",
            title="Delete a note",
            help="Takes a note off its record.",
            risk=Risk.R3,
            fields=(
                Field(
                    name="note",
                    title="Note",
                    help="The note's number.",
                    part=Part.OBJECT,
                    longest=40,
                ),
            ),
        ),
    )


def _read(system: str, verb: str, title: str, help: str, *fields: Field) -> Action:
    return Action(
        name=f"{system}.{verb}",
        title=title,
        help=help,
        risk=Risk.R0,
        reversal=Reversal.REVERSIBLE,
        fields=fields,
    )
