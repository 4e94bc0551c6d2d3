"""The demonstration's world: who lives in it and what happened. Everybody is invented.

The names after which customers are found (``anna``) are those of the demonstration only.
"""

from dataclasses import dataclass, field

STAFF = {
    "operator": "Front office desk 1",
    "compliance": "Compliance desk 1",
    "issuer-maker": "Treasury desk 1",
    "issuer-checker": "Treasury desk 2",
    "auditor": "Outside auditor",
}
"""Role to label; the admin is there from the first start."""

RESERVES = {
    "EUR": "2000000.00",
    "USD": "1500000.00",
    "CNY": "8000000.00",
    "JPY": "150000000",
    "BHD": "400000.000",
}
"""What the outside auditor saw in the reserve accounts, per currency."""


@dataclass(frozen=True, slots=True)
class Person:
    """A customer of the demonstration."""

    name: str
    """What the demonstration calls them."""
    story: str
    """Who they are, in a few words."""
    country: str
    tier: int | None
    """Null: KYC was never approved."""
    personal: dict[str, str]
    documents: tuple[str, ...] = ()
    kind: str = "person"
    merchant: bool = False
    provider: bool = False
    custody: str = "bank"
    frozen: str | None = None
    """Reason code for a freeze, once all else has happened."""

    @property
    def alias(self) -> str:
        """What others pay to."""
        return f"@{self.name}"


@dataclass(frozen=True, slots=True)
class Deposit:
    """Money that arrived on the bank's account and was issued."""

    customer: str
    amount: str
    currency: str
    bank_reference: str


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that has settled, and what came back of it."""

    payer: str
    payee: str
    amount: str
    currency: str
    details: str
    refunded: str | None = None


@dataclass(frozen=True, slots=True)
class World:
    """Everything that is put in place on a first start."""

    people: tuple[Person, ...]
    deposits: tuple[Deposit, ...]
    payments: tuple[Payment, ...]
    names: dict[str, Person] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", {person.name: person for person in self.people})


def _personal(
    name: str, born: str, phone: str, where: tuple[str, str, str], document: str = ""
) -> dict[str, str]:
    street, city, postal_code = where
    told = {
        "name": name,
        "birth_date": born,
        "phone": phone,
        "street": street,
        "city": city,
        "postal_code": postal_code,
    }
    return told | ({"document_number": document} if document else {})


WORLD = World(
    people=(
        Person(
            name="anna",
            story="pays in Berlin; the bank keeps her key",
            country="DE",
            tier=2,
            personal=_personal(
                "Anna Becker",
                "1991-04-17",
                "+49 30 5550101",
                ("Lindenweg 4", "Berlin", "10117"),
                "C01X0006H",
            ),
            documents=("identity_card",),
        ),
        Person(
            name="clara",
            story="keeps her own key and signs every order herself",
            country="DE",
            tier=3,
            personal=_personal(
                "Clara Vogel",
                "1984-11-02",
                "+49 89 5550102",
                ("Isarstrasse 9", "München", "80469"),
                "C22Z1911K",
            ),
            documents=("passport", "proof_of_address"),
            custody="self",
        ),
        Person(
            name="marcus",
            story="lives in Chicago",
            country="US",
            tier=2,
            personal=_personal(
                "Marcus Reed",
                "1988-07-30",
                "+1 312 555 0103",
                ("12 Oak Street", "Chicago", "60610"),
                "531990042",
            ),
            documents=("passport",),
        ),
        Person(
            name="wei",
            story="gave a phone number only, so the limits are small",
            country="CN",
            tier=1,
            personal=_personal(
                "Li Wei", "1999-02-11", "+86 21 5550104", ("Nanjing Lu 88", "Shanghai", "200001")
            ),
        ),
        Person(
            name="yuki",
            story="lives in Osaka",
            country="JP",
            tier=3,
            personal=_personal(
                "Sato Yuki",
                "1979-09-23",
                "+81 6 5550 1050",
                ("Umeda 1-2-3", "Osaka", "530-0001"),
                "TK4410093",
            ),
            documents=("passport", "proof_of_address"),
        ),
        Person(
            name="fatima",
            story="lives in Manama",
            country="BH",
            tier=3,
            personal=_personal(
                "Fatima Al Khalifa",
                "1982-05-14",
                "+973 1755 0106",
                ("Road 2811", "Manama", "428"),
                "BH820514",
            ),
            documents=("passport", "proof_of_address"),
        ),
        Person(
            name="kaffeehaus",
            story="a merchant",
            country="DE",
            tier=4,
            personal={
                "name": "Kaffeehaus Mitte GmbH",
                "registration_number": "HRB 555107 B",
                "merchant_category": "5814",
                "phone": "+49 30 5550107",
                "street": "Torstrasse 21",
                "city": "Berlin",
                "postal_code": "10119",
            },
            documents=("trade_register", "in_person_record"),
            kind="business",
            merchant=True,
        ),
        Person(
            name="jonas",
            story="has no KYC yet, so nobody can pay him",
            country="DE",
            tier=None,
            personal={},
        ),
        Person(
            name="viktor",
            story="is frozen while compliance looks into a report",
            country="DE",
            tier=2,
            personal=_personal(
                "Viktor Hansen",
                "1975-12-01",
                "+49 40 5550108",
                ("Hafenstrasse 77", "Hamburg", "20457"),
                "C77K2020M",
            ),
            documents=("identity_card",),
            frozen="fraud_suspected",
        ),
        Person(
            name="nordwechsel",
            story="exchanges currencies; the bank signs its quotes with its key",
            country="DE",
            tier=4,
            personal={
                "name": "Nordwechsel AG",
                "registration_number": "HRB 555109 B",
                "phone": "+49 40 5550109",
                "street": "Speicherstrasse 2",
                "city": "Hamburg",
                "postal_code": "20457",
            },
            documents=("trade_register", "in_person_record"),
            kind="business",
            provider=True,
        ),
        Person(
            name="gulfexchange",
            story="exchanges currencies, dinars above all",
            country="BH",
            tier=4,
            personal={
                "name": "Gulf Exchange W.L.L.",
                "registration_number": "CR 555110",
                "phone": "+973 1755 0110",
                "street": "Road 1702",
                "city": "Manama",
                "postal_code": "317",
            },
            documents=("trade_register", "in_person_record"),
            kind="business",
            provider=True,
        ),
    ),
    deposits=(
        Deposit("anna", "900.00", "EUR", "SEPA 2026-0001"),
        Deposit("clara", "4000.00", "EUR", "SEPA 2026-0002"),
        Deposit("viktor", "150.00", "EUR", "SEPA 2026-0003"),
        Deposit("kaffeehaus", "120.00", "EUR", "SEPA 2026-0005"),
        Deposit("marcus", "800.00", "USD", "FEDWIRE 2026-0001"),
        Deposit("clara", "250.00", "USD", "FEDWIRE 2026-0002"),
        Deposit("wei", "1500.00", "CNY", "CNAPS 2026-0001"),
        Deposit("yuki", "120000", "JPY", "ZENGIN 2026-0001"),
        Deposit("fatima", "250.000", "BHD", "BENEFIT 2026-0001"),
        Deposit("nordwechsel", "400000.00", "CNY", "CNAPS 2026-0002"),
        Deposit("nordwechsel", "50000.00", "EUR", "SEPA 2026-0004"),
        Deposit("gulfexchange", "400000.00", "CNY", "CNAPS 2026-0003"),
        Deposit("gulfexchange", "50000.000", "BHD", "BENEFIT 2026-0002"),
    ),
    payments=(
        Payment("anna", "kaffeehaus", "4.80", "EUR", "Cappuccino"),
        Payment("anna", "kaffeehaus", "12.50", "EUR", "Breakfast", refunded="2.50"),
        Payment("viktor", "kaffeehaus", "3.20", "EUR", "Espresso"),
        Payment("anna", "marcus", "25.00", "EUR", "Concert ticket"),
        Payment("marcus", "yuki", "60.00", "USD", "Guitar strings"),
        Payment("wei", "yuki", "88.00", "CNY", "Tea"),
        Payment("yuki", "anna", "3000", "JPY", "Postcards"),
        Payment("fatima", "kaffeehaus", "7.500", "BHD", "Gift box"),
    ),
)
