"""The process is killed right after Airtable or Zoho did the deed, and started again: one object and its receipt, or a
question where nobody can know.
"""

from pathlib import Path

import pytest

from bot.effects import EffectState
from tests.adapters.systems.crm_child import assistant
from tests.adapters.systems.test_crm_killed import before, killed, only
from tests.contracts.systems import airtable, zoho
from tests.twins.airtable import TOKEN
from tests.twins.zoho import REFRESH

GIGI = "4876876000000100001"


async def test_airtable_gets_one_record_wherever_the_process_dies(tmp_path: Path) -> None:
    """SAFETY 25"""
    there = airtable.twin()
    with before(there.app) as line:
        text = "do airtable.add_record table=Deals fields=Name=Atelier; Status=won"
        await killed(line, tmp_path, "airtable", TOKEN, text, method="PATCH", path="/v0/")
        async with assistant(tmp_path, "airtable", line.url, TOKEN) as s:
            deed = await only(s, EffectState.CONFIRMED)
    (made,) = [k for k in there.sheets["tblDEALS000000001"].records.values() if k.fields["Name"] == "Atelier"]
    assert made.fields["Vigie key"] == deed.id
    assert deed.receipt is not None
    assert deed.receipt.id == made.id


async def test_a_table_without_a_column_for_keys_leaves_a_question(tmp_path: Path) -> None:
    """SAFETY 25"""
    there = airtable.twin()
    with before(there.app) as line:
        text = "do airtable.add_record table=People fields=Name=Ana"
        await killed(line, tmp_path, "airtable", TOKEN, text, method="POST", path="/v0/")
        async with assistant(tmp_path, "airtable", line.url, TOKEN) as s:
            deed = await only(s, EffectState.UNKNOWN)
            assert "Vigie key" in deed.error
    assert len(there.sheets["tblPEOPLE00000001"].records) == 2


@pytest.mark.parametrize(
    ("text", "method"),
    [
        (f"do zoho.add_note record={GIGI} text=More.", "POST"),
        (f"do zoho.update_record record={GIGI} fields=Phone=9", "PUT"),
    ],
)
async def test_zoho_is_written_to_once_wherever_the_process_dies(
    tmp_path: Path, text: str, method: str
) -> None:
    """SAFETY 25"""
    there = zoho.twin()
    with before(there.app) as line:
        await killed(line, tmp_path, "zoho", REFRESH, text, method=method, path="/crm/v8")
        async with assistant(tmp_path, "zoho", line.url, REFRESH) as s:
            deed = await only(s, EffectState.CONFIRMED)
            assert deed.receipt is not None
        sent = [each for each in line.exchanges if each.method == method and "/crm/v8" in each.path]
    assert len(sent) == 1
    assert (len(there.notes), there.records["Contacts"][GIGI]["Phone"]) == (
        (2, "1") if method == "POST" else (1, "9")
    )
