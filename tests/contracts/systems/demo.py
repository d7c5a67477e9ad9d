"""The demo shop, held to the contract of systems."""

from adapters.systems.demo import DemoShop
from bot.world import System
from tests.contracts.systems.sample import NOW, Sample


def _shop_state(system: System) -> object:
    assert isinstance(system, DemoShop)
    return (system.orders(), system.products(), system.refunds(), system.messages(), system.customers())


SAMPLE = Sample(
    make=lambda folder: DemoShop(folder / "shop.db", today=NOW.date()),
    deeds={
        "demo.find_orders": {"query": "gigi", "status": "Open"},
        "demo.get_order": {"order": "1007"},
        "demo.late_orders": {},
        "demo.find_customers": {"query": "lefevre", "limit": "3"},
        "demo.stock": {"below": "10"},
        "demo.sales": {"days": "30"},
        "demo.note_order": {"order": "1007", "note": "Called on Monday,\nwill ring back."},
        "demo.set_stock": {"product": "MUG-BLUE", "count": "7"},
        "demo.message_customer": {
            "recipient": "gigi.hamilton@example.com",
            "subject": "Your lamp",
            "body": "Dear Gigi,\n\nit is on its way.",
        },
        "demo.ship_order": {"order": "1007", "tracking": "DEMO1"},
        "demo.refund": {"order": "1007", "amount": "49,90 €", "reason": "late"},
        "demo.discount": {"order": "1007", "percent": "10"},
        "demo.cancel_order": {"order": "1007"},
        "demo.reopen_order": {"order": "1004"},
        "demo.delete_customer": {"customer": "C12"},
    },
    unknown={
        "demo.get_order": {"order": "9999"},
        "demo.note_order": {"order": "9999", "note": "x"},
        "demo.set_stock": {"product": "TEAPOT", "count": 1},
        "demo.ship_order": {"order": "9999", "tracking": "DEMO1"},
        "demo.refund": {"order": "9999", "amount": "1 EUR"},
        "demo.discount": {"order": "9999", "percent": 10},
        "demo.cancel_order": {"order": "9999"},
        "demo.reopen_order": {"order": "9999"},
        "demo.delete_customer": {"customer": "C99"},
    },
    state=_shop_state,
)
