"""What Notion offers: its actions, their fields, risks and ways back. Definitions only."""

from dataclasses import replace

from bot.actions import Action, Field, Kind, Mode, Part, Reversal, Risk


def _object(name: str, title: str, help: str) -> Field:
    return Field(
        name=name,
        title=title,
        help=help,
        kind=Kind.OBJECT,
        part=Part.OBJECT,
        longest=500,
    )


_PAGE = _object("page", "Page", "The page's id, or its link.")
_SOURCE = _object(
    "data_source", "Data source", "The id of the table: of its data source, or of its database."
)
_LIMIT = Field(
    name="limit", title="At most", help="How many to list, from 1 to 50.", kind=Kind.INTEGER, default=10
)
_TITLE = Field(name="title", title="Title", part=Part.CONTENT, longest=2_000)
_TEXT = Field(
    name="text",
    title="Text",
    help="Plain text; an empty line parts paragraphs.",
    kind=Kind.LONG_TEXT,
    part=Part.CONTENT,
    longest=20_000,
)
_NO_TEXT = Field(
    name="text",
    title="Text",
    help="Plain text; an empty line parts paragraphs.",
    kind=Kind.LONG_TEXT,
    part=Part.CONTENT,
    longest=20_000,
    required=False,
)
_PROPERTIES = Field(
    name="properties",
    title="Properties",
    help="By their names in Notion, for example Status=Done; Due=2026-03-31. Nothing behind the = empties one.",
    kind=Kind.FIELDS,
    part=Part.CONTENT,
)


def actions(system: str) -> tuple[Action, ...]:
    """Every action, named for the connection."""
    return (*_reads(system), *_writes(system))


def _reads(system: str) -> tuple[Action, ...]:
    return (
        Action(
            name=f"{system}.search",
            title="Search pages",
            help="Pages by their titles, among those that are shared with the connection.",
            risk=Risk.R0,
            reversal=Reversal.REVERSIBLE,
            fields=(
                Field(
                    name="query",
                    title="Search words",
                    help="Words of a title. Leave empty for the newest.",
                    required=False,
                    longest=200,
                ),
                Field(
                    name="what",
                    title="What",
                    help="Pages, or tables.",
                    kind=Kind.CHOICE,
                    choices=("pages", "tables"),
                    titles=("pages", "tables"),
                    default="pages",
                ),
                _LIMIT,
            ),
        ),
        Action(
            name=f"{system}.read_page",
            title="Read a page",
            help="Its properties and its text.",
            risk=Risk.R0,
            reversal=Reversal.REVERSIBLE,
            fields=(_PAGE,),
        ),
        Action(
            name=f"{system}.rows",
            title="List the rows of a table",
            help="The rows of a data source, those that changed last first.",
            risk=Risk.R0,
            reversal=Reversal.REVERSIBLE,
            fields=(_SOURCE, _LIMIT),
        ),
    )


def _writes(system: str) -> tuple[Action, ...]:
    return (
        Action(
            name=f"{system}.create_page",
            title="Create a page",
            help="A new page under another one. A last line says that the assistant wrote it.",
            risk=Risk.R1,
            reversal=Reversal.REVERSIBLE,
            fields=(
                _object("parent", "Under the page", "The id or the link of the page it stands under."),
                _TITLE,
                _NO_TEXT,
            ),
        ),
        Action(
            name=f"{system}.create_row",
            title="Add a row to a table",
            help="A new row of a data source. A line in its page says that the assistant wrote it.",
            risk=Risk.R1,
            reversal=Reversal.REVERSIBLE,
            fields=(_SOURCE, _PROPERTIES, _NO_TEXT),
        ),
        Action(
            name=f"{system}.update_page",
            title="Update a page or a row",
            help="Changes only the properties that are named; a page outside of tables has its title alone.",
            risk=Risk.R1,
            reversal=Reversal.REVERSIBLE,
            fields=(_PAGE, _PROPERTIES),
        ),
        Action(
            name=f"{system}.append_text",
            title="Add text to a page",
            help="At its end. A last line says that the assistant wrote it.",
            risk=Risk.R1,
            reversal=Reversal.REVERSIBLE,
            fields=(_PAGE, _TEXT),
        ),
        Action(
            name=f"{system}.remove_blocks",
            title="Remove blocks of a page",
            help="Moves them to Notion's trash.",
            risk=Risk.R3,
            reversal=Reversal.COMPENSABLE,
            fields=(
                _PAGE,
                Field(
                    name="blocks",
                    title="Blocks",
                    help="The ids of the blocks.",
                    kind=Kind.JSON,
                    part=Part.OBJECT,
                ),
            ),
        ),
        Action(
            name=f"{system}.archive_page",
            title="Move a page to the trash",
            help="It can be restored.",
            risk=Risk.R3,
            reversal=Reversal.REVERSIBLE,
            fields=(replace(_PAGE, mode=Mode.SELECTOR),),
        ),
        Action(
            name=f"{system}.restore_page",
            title="Restore a page from the trash",
            help="Puts it back where it was.",
            risk=Risk.R1,
            reversal=Reversal.REVERSIBLE,
            fields=(
                # Notion lists nothing that is in its trash, so there is nothing to pick from.
                Field(name="page", title="Page", help=_PAGE.help, part=Part.OBJECT, longest=500),
            ),
        ),
    )
