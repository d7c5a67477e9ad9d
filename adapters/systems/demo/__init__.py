"""The demo shop: a small real system behind the same port as any other, in a SQLite file of its own.

It ships with the product so that everything can be tried with no account anywhere, and it is the twin that
tests use: what was done in it can be counted, and it can be made to fail, hang or die.
"""

from adapters.systems.demo.books import Fault
from adapters.systems.demo.shop import DemoShop

__all__ = ["DemoShop", "Fault"]
