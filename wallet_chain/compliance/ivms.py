"""IVMS 101, the interVASP messaging standard: who sends and who receives, in the standard's own words.

The names in JSON, the lengths and the rules are those of the data model of IVMS 101 (interVASP.org,
2020); each rule is named by its number there. Fields that this product never fills and no rule asks for
are taken as well, so that a record made elsewhere can be read.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from wallet_chain.countries import country_number
from wallet_chain.errors import UnknownCountry

_LINE = r"^[^\x00-\x1f\x7f]+$"


Max16 = Annotated[str, Field(min_length=1, max_length=16, pattern=_LINE)]
Max35 = Annotated[str, Field(min_length=1, max_length=35, pattern=_LINE)]
Max50 = Annotated[str, Field(min_length=1, max_length=50, pattern=_LINE)]
Max70 = Annotated[str, Field(min_length=1, max_length=70, pattern=_LINE)]
Max100 = Annotated[str, Field(min_length=1, max_length=100, pattern=_LINE)]


def _country(code: str) -> str:
    if code != UNKNOWN_COUNTRY:
        try:
            country_number(code)
        except UnknownCountry as error:
            raise ValueError(
                "a country is an ISO 3166-1 alpha-2 code, or XX (IVMS 101, rule C3)"
            ) from error
    return code


def _date(text: str) -> str:
    date.fromisoformat(text)
    return text


UNKNOWN_COUNTRY = "XX"

CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$"), AfterValidator(_country)]
"""ISO 3166-1 alpha-2 (rule C3), or XX where it is not known."""

Date = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_date)]

NaturalNameType = Literal["ALIA", "BIRT", "MAID", "LEGL", "MISC"]
LegalNameType = Literal["LEGL", "SHRT", "TRAD"]
AddressType = Literal["HOME", "BIZZ", "GEOG"]
NationalIdentifierType = Literal[
    "ARNU", "CCPT", "RAID", "DRLC", "FIIN", "TXID", "SOCS", "IDCD", "LEIX", "MISC"
]


class Ivms(BaseModel):
    """A part of a record: names in JSON are the standard's, and others are refused."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


class NaturalPersonNameId(Ivms):
    """One name of a person."""

    primary_identifier: Max100
    """The family name; the whole name where it can't be taken apart."""
    secondary_identifier: Max100 | None = None
    """The given names."""
    name_identifier_type: NaturalNameType


class NaturalPersonName(Ivms):
    """All names of a person."""

    name_identifier: Annotated[tuple[NaturalPersonNameId, ...], Field(min_length=1, strict=False)]
    local_name_identifier: (
        Annotated[tuple[NaturalPersonNameId, ...], Field(min_length=1, strict=False)] | None
    ) = None
    phonetic_name_identifier: (
        Annotated[tuple[NaturalPersonNameId, ...], Field(min_length=1, strict=False)] | None
    ) = None

    @model_validator(mode="after")
    def _has_legal_name(self) -> "NaturalPersonName":
        if all(name.name_identifier_type != "LEGL" for name in self.name_identifier):
            raise ValueError("one nameIdentifier must be of the type LEGL (IVMS 101, rule C6)")
        return self


class LegalPersonNameId(Ivms):
    """One name of a business."""

    legal_person_name: Max100
    legal_person_name_identifier_type: LegalNameType


class LegalPersonName(Ivms):
    """All names of a business."""

    name_identifier: Annotated[tuple[LegalPersonNameId, ...], Field(min_length=1, strict=False)]
    local_name_identifier: (
        Annotated[tuple[LegalPersonNameId, ...], Field(min_length=1, strict=False)] | None
    ) = None
    phonetic_name_identifier: (
        Annotated[tuple[LegalPersonNameId, ...], Field(min_length=1, strict=False)] | None
    ) = None

    @model_validator(mode="after")
    def _has_legal_name(self) -> "LegalPersonName":
        if all(name.legal_person_name_identifier_type != "LEGL" for name in self.name_identifier):
            raise ValueError("one nameIdentifier must be of the type LEGL (IVMS 101, rule C5)")
        return self


class Address(Ivms):
    """Where somebody lives or is registered."""

    address_type: AddressType
    department: Max50 | None = None
    sub_department: Max70 | None = None
    street_name: Max70 | None = None
    building_number: Max16 | None = None
    building_name: Max35 | None = None
    floor: Max70 | None = None
    post_box: Max16 | None = None
    room: Max70 | None = None
    post_code: Max16 | None = None
    town_name: Max35
    town_location_name: Max35 | None = None
    district_name: Max35 | None = None
    country_sub_division: Max35 | None = None
    address_line: (
        Annotated[tuple[Max70, ...], Field(min_length=1, max_length=7, strict=False)] | None
    ) = None
    country: CountryCode

    @model_validator(mode="after")
    def _can_be_found(self) -> "Address":
        building = self.building_name or self.building_number
        if not self.address_line and not (self.street_name and building):
            raise ValueError(
                "an address has addressLine, or streetName with buildingName or buildingNumber"
                " (IVMS 101, rule C8)"
            )
        return self


class NationalIdentification(Ivms):
    """A number that a state or register gave."""

    national_identifier: Max35
    national_identifier_type: NationalIdentifierType
    country_of_issue: CountryCode | None = None
    registration_authority: Annotated[str, Field(pattern=r"^RA[0-9]{6}$")] | None = None
    """Of GLEIF's list of registration authorities (rule C10)."""

    @model_validator(mode="after")
    def _is_a_lei(self) -> "NationalIdentification":
        text = self.national_identifier
        lei = len(text) == 20 and text.isascii() and text.isalnum() and text.isupper()
        if self.national_identifier_type == "LEIX" and not (lei and _lei_adds_up(text)):
            raise ValueError("an identifier of the type LEIX is a valid LEI (IVMS 101, rule C11)")
        return self


class DateAndPlaceOfBirth(Ivms):
    """Both or neither."""

    date_of_birth: Date
    place_of_birth: Max70


class NaturalPerson(Ivms):
    """A person."""

    name: NaturalPersonName
    geographic_address: Annotated[tuple[Address, ...], Field(min_length=1, strict=False)] | None = (
        None
    )
    national_identification: NationalIdentification | None = None
    customer_identification: Max50 | None = None
    date_and_place_of_birth: DateAndPlaceOfBirth | None = None
    country_of_residence: CountryCode | None = None


class LegalPerson(Ivms):
    """A business."""

    name: LegalPersonName
    geographic_address: Annotated[tuple[Address, ...], Field(min_length=1, strict=False)] | None = (
        None
    )
    customer_number: Max50 | None = None
    national_identification: NationalIdentification | None = None
    country_of_registration: CountryCode | None = None

    @model_validator(mode="after")
    def _has_a_registers_number(self) -> "LegalPerson":
        number = self.national_identification
        if number is None:
            return self
        if number.national_identifier_type not in {"RAID", "MISC", "LEIX", "TXID"}:
            raise ValueError(
                "a legal person's nationalIdentifierType is RAID, MISC, LEIX or TXID"
                " (IVMS 101, rule C7)"
            )
        is_lei = number.national_identifier_type == "LEIX"
        if number.country_of_issue or is_lei == bool(number.registration_authority):
            raise ValueError(
                "a legal person's nationalIdentification has no countryOfIssue, and a"
                " registrationAuthority unless it is a LEI (IVMS 101, rule C9)"
            )
        return self


class Person(Ivms):
    """A person or a business."""

    natural_person: NaturalPerson | None = None
    legal_person: LegalPerson | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "Person":
        if (self.natural_person is None) == (self.legal_person is None):
            raise ValueError("give either naturalPerson or legalPerson")
        return self


class Originator(Ivms):
    """Who sends."""

    originator_persons: Annotated[tuple[Person, ...], Field(min_length=1, strict=False)]
    account_number: Annotated[tuple[Max100, ...], Field(min_length=1, strict=False)]

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> "Originator":
        for person in self.originator_persons:
            one = person.natural_person
            if one is not None and not (
                one.geographic_address
                or one.customer_identification
                or one.national_identification
                or one.date_and_place_of_birth
            ):
                raise ValueError(
                    "an originator has an address, a national identifier, a customer identifier or"
                    " date and place of birth (IVMS 101, rule C1)"
                )
            business = person.legal_person
            if business is not None and not (
                business.geographic_address
                or business.customer_number
                or business.national_identification
            ):
                raise ValueError(
                    "an originator has an address, a national identifier or a customer number"
                    " (IVMS 101, rule C4)"
                )
        return self


class Beneficiary(Ivms):
    """Who receives."""

    beneficiary_persons: Annotated[tuple[Person, ...], Field(min_length=1, strict=False)]
    account_number: Annotated[tuple[Max100, ...], Field(min_length=1, strict=False)]


class OriginatingVasp(Ivms):
    """The institution that sends."""

    originating_vasp: Annotated[Person, Field(alias="originatingVASP")]


class BeneficiaryVasp(Ivms):
    """The institution that receives."""

    beneficiary_vasp: Annotated[Person, Field(alias="beneficiaryVASP")]


class IdentityPayload(Ivms):
    """A whole record."""

    originator: Originator
    beneficiary: Beneficiary
    originating_vasp: Annotated[OriginatingVasp, Field(alias="originatingVASP")]
    beneficiary_vasp: Annotated[BeneficiaryVasp, Field(alias="beneficiaryVASP")]


def _lei_adds_up(lei: str) -> bool:
    """ISO 7064 MOD 97-10, as ISO 17442 asks for."""
    return int("".join(str(int(letter, 36)) for letter in lei)) % 97 == 1
