"""What HubSpot offers: its actions, their fields, risks and ways back. Definitions only."""

from bot.actions import Action, Field, Kind, Mode, Part, Reversal, Risk


def _object(name: str, title: str, help: str, *, required: bool = True, mode: Mode = Mode.AUTO) -> Field:
    return Field(
        name=name,
        title=title,
        help=help,
        kind=Kind.OBJECT,
        part=Part.OBJECT,
        longest=254,
        required=required,
        mode=mode,
    )


_CONTACT_HELP = "The contact's number or e-mail address."
_CONTACT = _object("contact", "Contact", _CONTACT_HELP)
_COMPANY = _object("company", "Company", "The company's number.")
_DEAL = _object("deal", "Deal", "The deal's number.")
_QUERY = Field(
    name="query", title="Search words", help="Part of a name, an address or a number.", longest=200
)
_LIMIT = Field(
    name="limit", title="At most", help="How many to list, from 1 to 50.", kind=Kind.INTEGER, default=10
)
_PROPERTIES = Field(
    name="properties",
    title="Properties",
    help="By their names or labels in HubSpot, for example phone=+33 1 23; lifecyclestage=customer. Nothing behind the = empties one.",
    kind=Kind.FIELDS,
    part=Part.CONTENT,
)


def _short(name: str, title: str, *, kind: Kind = Kind.TEXT) -> Field:
    return Field(name=name, title=title, kind=kind, part=Part.CONTENT, required=False, longest=200)


def actions(system: str) -> tuple[Action, ...]:
    """Every action, named for the connection."""
    return (*_reads(system), *_writes(system))


def _read(system: str, verb: str, title: str, help: str, *fields: Field) -> Action:
    return Action(
        name=f"{system}.{verb}",
        title=title,
        help=help,
        risk=Risk.R0,
        reversal=Reversal.REVERSIBLE,
        fields=fields,
    )


def _reads(system: str) -> tuple[Action, ...]:
    return (
        _read(system, "find_contacts", "Find contacts", "Searches contacts.", _QUERY, _LIMIT),
        _read(system, "find_companies", "Find companies", "Searches companies.", _QUERY, _LIMIT),
        _read(system, "find_deals", "Find deals", "Searches deals.", _QUERY, _LIMIT),
        _read(
            system,
            "get_contact",
            "Look at a contact",
            "What is kept about one contact, with its newest notes.",
            _CONTACT,
        ),
        _read(
            system,
            "get_company",
            "Look at a company",
            "What is kept about one company, with its newest notes.",
            _COMPANY,
        ),
        _read(
            system, "get_deal", "Look at a deal", "What is kept about one deal, with its newest notes.", _DEAL
        ),
    )


def _writes(system: str) -> tuple[Action, ...]:
    return (
        Action(
            name=f"{system}.create_contact",
            title="Create a contact",
            help="Adds a person to HubSpot. Nobody is written to.",
            risk=Risk.R1,
            reversal=Reversal.REVERSIBLE,
            fields=(
                Field(
                    name="email",
                    title="E-mail",
                    help="HubSpot keeps one contact for each address.",
                    kind=Kind.EMAIL,
                    part=Part.OBJECT,
                    required=False,
                ),
                _short("first_name", "First name"),
                _short("last_name", "Last name"),
                _short("phone", "Phone"),
                _short("company", "Company"),
                _short("job_title", "Job title"),
                Field(
                    name="properties",
                    title="Other properties",
                    help=_PROPERTIES.help,
                    kind=Kind.FIELDS,
                    part=Part.CONTENT,
                    required=False,
                ),
            ),
        ),
        _update(system, _CONTACT, "Update a contact"),
        _update(system, _COMPANY, "Update a company"),
        _update(system, _DEAL, "Update a deal"),
        Action(
            name=f"{system}.add_note",
            title="Add a note",
            help="Writes a note on one contact, company or deal. Colleagues see it in HubSpot.",
            risk=Risk.R1,
            reversal=Reversal.REVERSIBLE,
            fields=(
                _object("contact", "Contact", _CONTACT_HELP, required=False),
                _object("company", "Company", "The company's number.", required=False),
                _object("deal", "Deal", "The deal's number.", required=False),
                Field(name="text", title="Text", kind=Kind.LONG_TEXT, part=Part.CONTENT, longest=15_000),
            ),
        ),
        Action(
            name=f"{system}.archive_contact",
            title="Archive a contact",
            help="Takes it out of HubSpot. There it can be restored by hand for 90 days.",
            risk=Risk.R3,
            reversal=Reversal.COMPENSABLE,
            fields=(_object("contact", "Contact", _CONTACT_HELP, mode=Mode.SELECTOR),),
        ),
        Action(
            name=f"{system}.archive_note",
            title="Archive a note",
            help="Takes it out of HubSpot. There it can be restored by hand for 90 days.",
            risk=Risk.R3,
            reversal=Reversal.COMPENSABLE,
            fields=(_object("note", "Note", "The note's number.", mode=Mode.SELECTOR),),
        ),
    )


def _update(system: str, target: Field, title: str) -> Action:
    return Action(
        name=f"{system}.update_{target.name}",
        title=title,
        help="Changes only the properties that are named.",
        risk=Risk.R1,
        reversal=Reversal.REVERSIBLE,
        fields=(target, _PROPERTIES),
    )
