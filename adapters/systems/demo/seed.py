"""The shop on its first day: the same customers, products and orders always, with dates around today.

Orders 1007, 1011 and 1013 are late by more than three days, 1007 by seven.
"""

from datetime import date, timedelta

from adapters.systems.demo.nouns import Customer, Order, Product, Status

_CUSTOMERS = """
C01 | Gigi Hamilton        | gigi.hamilton@example.com      | Brighton   | en
C02 | Camille Lefèvre      | camille.lefevre@example.com    | Lyon       | fr
C03 | Théo Marchand        | theo.marchand@example.com      | Nantes     | fr
C04 | Oliver Whitfield     | oliver.whitfield@example.com   | Leeds      | en
C05 | Inès Benali          | ines.benali@example.com        | Marseille  | fr
C06 | Hannah O'Connor      | hannah.oconnor@example.com     | Cork       | en
C07 | Jean-Baptiste Roux   | jb.roux@example.com            | Lille      | fr
C08 | Priya Raman          | priya.raman@example.com        | London     | en
C09 | Margaux Delacroix    | margaux.delacroix@example.com  | Bordeaux   | fr
C10 | Samuel Adeyemi       | samuel.adeyemi@example.com     | Manchester | en
C11 | Noémie Fontaine      | noemie.fontaine@example.com    | Rennes     | fr
C12 | Walter Brandt        | walter.brandt@example.com      | Dublin     | en
"""

_PRODUCTS = """
LAMP-OAK     | Oak desk lamp        | 8990 | 14
LAMP-BRASS   | Brass reading lamp   | 12900 | 6
MUG-BLUE     | Blue stoneware mug   | 1450 | 120
MUG-SAND     | Sand stoneware mug   | 1450 | 85
THROW-WOOL   | Wool throw           | 7900 | 22
CUSHION-LIN  | Linen cushion        | 3400 | 41
CLOCK-WALL   | Quiet wall clock     | 4950 | 3
KETTLE-STL   | Steel kettle         | 6490 | 0
"""

# order | customer | placed and promised in days from today | status | what was bought
_ORDERS = """
1001 | C04 | -60 -53 | delivered | MUG-BLUE x4
1002 | C02 | -56 -50 | delivered | LAMP-OAK x1, CUSHION-LIN x2
1003 | C09 | -48 -41 | delivered | THROW-WOOL x1
1004 | C12 | -40 -33 | cancelled | CLOCK-WALL x1
1005 | C05 | -33 -26 | delivered | KETTLE-STL x1
1006 | C08 | -27 -20 | delivered | LAMP-BRASS x1
1007 | C01 | -14  -7 | open      | LAMP-OAK x1
1008 | C03 | -21 -14 | delivered | MUG-SAND x6
1009 | C10 | -19 -12 | delivered | CUSHION-LIN x4
1010 | C06 | -16  -9 | shipped   | THROW-WOOL x2
1011 | C07 | -12  -5 | open      | KETTLE-STL x1, MUG-BLUE x2
1012 | C02 | -12  -5 | shipped   | CLOCK-WALL x1
1013 | C11 | -11  -4 | open      | LAMP-BRASS x1
1014 | C08 |  -9  -2 | open      | CUSHION-LIN x2
1015 | C04 |  -8  -1 | shipped   | LAMP-OAK x1
1016 | C05 |  -7   0 | open      | MUG-BLUE x2, MUG-SAND x2
1017 | C12 |  -6   1 | shipped   | KETTLE-STL x1
1018 | C09 |  -5   2 | open      | LAMP-OAK x2
1019 | C10 |  -4   3 | cancelled | THROW-WOOL x1
1020 | C01 |  -3   4 | open      | CUSHION-LIN x1
1021 | C06 |  -3   4 | open      | MUG-SAND x8
1022 | C03 |  -2   5 | open      | CLOCK-WALL x1, LAMP-OAK x1
1023 | C11 |  -1   6 | open      | THROW-WOOL x1
1024 | C07 |  -1   6 | open      | LAMP-BRASS x2
1025 | C02 |   0   7 | open      | MUG-BLUE x6
"""


def customers() -> tuple[Customer, ...]:
    """Everybody who ever bought."""
    return tuple(
        Customer(id=number, name=name, email=email, city=city, lang=lang)
        for number, name, email, city, lang in _rows(_CUSTOMERS)
    )


def products() -> tuple[Product, ...]:
    """Everything that is sold."""
    return tuple(
        Product(id=code, title=title, price=int(price), stock=int(stock))
        for code, title, price, stock in _rows(_PRODUCTS)
    )


def orders(today: date) -> tuple[tuple[Order, dict[str, int]], ...]:
    """Every order, and how many of each product are in it."""
    prices = {product.id: product.price for product in products()}
    return tuple(_order(row, today, prices) for row in _rows(_ORDERS))


def _order(row: list[str], today: date, prices: dict[str, int]) -> tuple[Order, dict[str, int]]:
    number, customer, days, status, bought = row
    placed, promised = (today + timedelta(days=int(day)) for day in days.split())
    sent = status in (Status.SHIPPED, Status.DELIVERED)
    items = {
        product: int(quantity)
        for product, _, quantity in (each.strip().partition(" x") for each in bought.split(","))
    }
    order = Order(
        id=number,
        customer=customer,
        placed=placed.isoformat(),
        promised=promised.isoformat(),
        shipped=(promised - timedelta(days=3)).isoformat() if sent else "",
        status=Status(status),
        gross=sum(prices[product] * quantity for product, quantity in items.items()),
        tracking=f"DEMO{number}FR" if sent else "",
    )
    return order, items


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
