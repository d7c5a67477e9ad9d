"""What Airtable offers: its actions, their fields, risks and ways back. Definitions only."""

from bot.actions import Action, Field, Kind, Part, Reversal, Risk

_TABLE = Field(
    name="table",
    title="Table",
    help="The table's name.",
    kind=Kind.OBJECT,
    part=Part.OBJECT,
    longest=200,
)
_RECORD = Field(
    name="record",
    title="Record",
    help="The record's id, or what stands in its first column.",
    kind=Kind.OBJECT,
    part=Part.OBJECT,
    longest=300,
)
_FIELDS = Field(
    name="fields",
    title="Columns",
    help="By their names, for example Name=ACME; Status=In progress. Nothing behind the = empties one.",
    kind=Kind.FIELDS,
    part=Part.CONTENT,
)


def _limit(default: int) -> Field:
    return Field(
        name="limit",
        title="At most",
        help="How many to list, from 1 to 50.",
        kind=Kind.INTEGER,
        default=default,
    )


def actions(system: str) -> tuple[Action, ...]:
    """Every action, named for the connection."""
    return (
        _read(system, "tables", "List the tables", "The tables of the base and their columns."),
        _read(system, "last_records", "List the last records", "The newest first.", _TABLE, _limit(5)),
        _read(
            system,
            "find_records",
            "Find records",
            "Records of which one column holds the words.",
            _TABLE,
            Field(name="query", title="Search words", longest=200),
            _limit(10),
        ),
        _read(
            system, "get_record", "Look at a record", "Everything that stands in one record.", _TABLE, _RECORD
        ),
        Action(
            name=f"{system}.add_record",
            title="Add a record",
            help="Adds a row to a table of the base.",
            risk=Risk.R1,
            reversal=Reversal.REVERSIBLE,
            fields=(_TABLE, _FIELDS),
        ),
        Action(
            name=f"{system}.update_record",
            title="Update a record",
            help="Changes only the columns that are named.",
            risk=Risk.R1,
            reversal=Reversal.REVERSIBLE,
            fields=(_TABLE, _RECORD, _FIELDS),
        ),
        Action(
            name=f"{system}.delete_record",
            title="Delete a record",
            help="Takes it out of the table. Undoing adds a record with the same values.",
            risk=Risk.R3,
            reversal=Reversal.COMPENSABLE,
            fields=(_TABLE, _RECORD),
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
