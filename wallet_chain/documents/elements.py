"""Elements that several messages share, in the classes of whichever message they are for.

Each message of the library has classes of its own under the same names, so the module of the message
is handed in.
"""

import base64
import re
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from types import ModuleType
from typing import Any

from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDate, XmlDateTime

from wallet_chain.clock import to_iso
from wallet_chain.documents.facts import Agent, Party
from wallet_chain.money import Money

NOT_PROVIDED = "NOTPROVIDED"
"""What stands for a name that the reader may not see, or that nobody knows any more."""

ACCOUNT_SCHEME = "EVM-BASE32"
"""An account's twenty bytes in base32 (RFC 4648): as hex they are longer than the field."""

_RATE_DIGITS = 11
_RATE_DECIMALS = 10
_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SERIALIZER = XmlSerializer(config=SerializerConfig(indent=" "))


def rendered(document: Any, namespace: str) -> bytes:
    """The message as XML in UTF-8."""
    return _SERIALIZER.render(document, ns_map={None: namespace}).encode()


def moment(unix_seconds: int) -> Any:
    """A date and time in UTC."""
    return XmlDateTime.from_string(to_iso(unix_seconds))


def day(unix_seconds: int) -> Any:
    """A date in UTC."""
    return XmlDate.from_string(to_iso(unix_seconds)[:10])


def amount(kind: Any, money: Money) -> Any:
    """An amount with exactly the currency's decimals; signs are said elsewhere."""
    return kind(value=Decimal(money.decimal.removeprefix("-")), ccy=money.currency.code)


def rate(exact: Fraction) -> Decimal:
    """A rate as the standard writes it: eleven digits, ten of them after the point, rounded."""
    with localcontext() as context:
        context.prec = 60
        value = Decimal(exact.numerator) / Decimal(exact.denominator)
        whole = len(str(int(value))) if value >= 1 else 0
        decimals = min(_RATE_DECIMALS, _RATE_DIGITS - whole)
        rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
        return rounded.normalize() if rounded % 1 else rounded.quantize(Decimal(1))


def text(value: str, length_max: int) -> str:
    """Text that XML can hold, cut to what the field takes."""
    return _UNPRINTABLE.sub(" ", value)[:length_max]


def agent(message: ModuleType, bank: Agent) -> Any:
    """The bank: by BIC and LEI where it has them."""
    other = None
    if bank.bic is None and bank.lei is None:
        other = message.GenericFinancialIdentification1(id=text(bank.id, 35))
    return message.BranchAndFinancialInstitutionIdentification6(
        fin_instn_id=message.FinancialInstitutionIdentification18(
            bicfi=bank.bic, lei=bank.lei, nm=text(bank.name, 140), othr=other
        )
    )


def provider(message: ModuleType, account: str) -> Any:
    """Who exchanges and takes the fee: a business that is known by its account."""
    return message.BranchAndFinancialInstitutionIdentification6(
        fin_instn_id=message.FinancialInstitutionIdentification18(
            othr=message.GenericFinancialIdentification1(
                id=short_account(account),
                schme_nm=message.FinancialIdentificationSchemeName1Choice(prtry=ACCOUNT_SCHEME),
            )
        )
    )


def party(message: ModuleType, one: Party) -> Any:
    """A person or business, as far as the reader may know them."""
    address = None
    if one.city or one.street or one.postal_code:
        address = message.PostalAddress24(
            strt_nm=text(one.street, 70) if one.street else None,
            pst_cd=text(one.postal_code, 16) if one.postal_code else None,
            twn_nm=text(one.city, 35) if one.city else None,
            ctry=one.country,
        )
    return message.PartyIdentification135(
        nm=text(one.name, 140) if one.name else NOT_PROVIDED,
        pstl_adr=address,
        ctry_of_res=one.country,
    )


def account(message: ModuleType, address: str, currency: str) -> Any:
    """An account on chain: short enough for its field, and in full as a proxy."""
    return account_as(message, message.CashAccount38, address, currency)


def account_as(message: ModuleType, kind: Any, address: str, currency: str, **more: Any) -> Any:
    """The same, where a message has another class for accounts."""
    return kind(
        id=message.AccountIdentification4Choice(
            othr=message.GenericAccountIdentification1(
                id=short_account(address),
                schme_nm=message.AccountSchemeName1Choice(prtry=ACCOUNT_SCHEME),
            )
        ),
        ccy=currency,
        prxy=message.ProxyAccountIdentification1(
            tp=message.ProxyAccountType1Choice(prtry="EVM"), id=address
        ),
        **more,
    )


def settlement(message: ModuleType) -> Any:
    """Settled on the bank's own chain."""
    return message.SettlementInstruction7(
        sttlm_mtd=message.SettlementMethod1Code.CLRG,
        clr_sys=message.ClearingSystemIdentification3Choice(prtry="WALLET-CHAIN"),
    )


def short_account(address: str) -> str:
    """An account in 32 characters."""
    return base64.b32encode(bytes.fromhex(address[2:])).decode("ascii")
