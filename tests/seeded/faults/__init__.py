"""Every planted fault, a room for each part of the product; the order is only that of the rooms."""

from tests.seeded.faults import (
    approvals,
    authority,
    delivery,
    desk,
    house,
    memory,
    missions,
    operations,
    systems,
)

FAULTS = (
    *approvals.FAULTS,
    *authority.FAULTS,
    *delivery.FAULTS,
    *desk.FAULTS,
    *house.FAULTS,
    *memory.FAULTS,
    *missions.FAULTS,
    *operations.FAULTS,
    *systems.FAULTS,
)
