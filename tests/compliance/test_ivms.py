"""Records keep to IVMS 101: the standard's names, lengths and rules."""

from typing import Any

import pytest
from pydantic import ValidationError

from wallet_chain.compliance.ivms import IdentityPayload, Person

NAME = {"nameIdentifier": [{"primaryIdentifier": "Becker", "nameIdentifierType": "LEGL"}]}
FIRM = {"nameIdentifier": [{"legalPersonName": "Firm", "legalPersonNameIdentifierType": "LEGL"}]}
ADDRESS = {"addressType": "HOME", "addressLine": ["Way 1"], "townName": "Town", "country": "DE"}


def person(**changes: Any) -> dict[str, Any]:
    return {"naturalPerson": {"name": NAME, "geographicAddress": [ADDRESS]} | changes}


def firm(**changes: Any) -> dict[str, Any]:
    return {"legalPerson": {"name": FIRM, "customerNumber": "1"} | changes}


def payload(originator: Any, beneficiary: Any = None) -> dict[str, Any]:
    return {
        "originator": {"originatorPersons": [originator], "accountNumber": ["0x1"]},
        "beneficiary": {
            "beneficiaryPersons": [beneficiary or {"naturalPerson": {"name": NAME}}],
            "accountNumber": ["0x2"],
        },
        "originatingVASP": {"originatingVASP": firm()},
        "beneficiaryVASP": {"beneficiaryVASP": firm()},
    }


@pytest.mark.parametrize("originator", [person(), firm()])
def test_a_whole_record_is_read_and_written_as_it_was(originator: Any) -> None:
    told = payload(originator)
    read = IdentityPayload.model_validate(told)
    assert read.model_dump(mode="json", by_alias=True, exclude_none=True) == told


@pytest.mark.parametrize(
    "originator",
    [
        {"naturalPerson": {"name": NAME, "customerIdentification": "cus_1"}},
        {
            "naturalPerson": {
                "name": NAME,
                "nationalIdentification": {
                    "nationalIdentifier": "C01X",
                    "nationalIdentifierType": "CCPT",
                },
            }
        },
        {
            "naturalPerson": {
                "name": NAME,
                "dateAndPlaceOfBirth": {"dateOfBirth": "1990-04-12", "placeOfBirth": "Town"},
            }
        },
    ],
)
def test_an_originator_is_told_apart_by_any_of_four_facts(originator: Any) -> None:
    IdentityPayload.model_validate(payload(originator))


def test_a_country_that_is_not_known_is_xx() -> None:
    Person.model_validate(person(countryOfResidence="XX"))


def number(kind: str, text: str = "HRB 1", **more: str) -> dict[str, Any]:
    told = {"nationalIdentifier": text, "nationalIdentifierType": kind}
    return {"nationalIdentification": told | more}


LEI = "5299000J2N45DDNE4Y28"


@pytest.mark.parametrize(
    "told",
    [
        firm(**number("RAID", registrationAuthority="RA000242")),
        firm(**number("LEIX", LEI)),
    ],
)
def test_a_businesss_number_names_its_register_unless_it_is_a_lei(told: Any) -> None:
    Person.model_validate(told)


BIRTH = [{"primaryIdentifier": "B", "nameIdentifierType": "BIRT"}]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (person(name={"nameIdentifier": BIRTH}), "C6"),
        (person(name={"nameIdentifier": []}), "at least 1"),
        (
            firm(
                name={
                    "nameIdentifier": [
                        {"legalPersonName": "F", "legalPersonNameIdentifierType": "TRAD"}
                    ]
                }
            ),
            "C5",
        ),
        (person(geographicAddress=[ADDRESS | {"addressLine": None}]), "C8"),
        (person(geographicAddress=[ADDRESS | {"addressLine": ["x" * 71]}]), "at most 70"),
        (person(geographicAddress=[ADDRESS | {"country": "Germany"}]), "pattern"),
        (person(geographicAddress=[ADDRESS | {"country": "QQ"}]), "C3"),
        (
            person(dateAndPlaceOfBirth={"dateOfBirth": "1999-02-30", "placeOfBirth": "T"}),
            "dateOfBirth",
        ),
        (person(geographicAddress=[ADDRESS | {"addressType": "WORK"}]), "HOME"),
        (firm(**number("CCPT")), "C7"),
        (firm(**number("RAID")), "C9"),
        (firm(**number("LEIX", LEI, registrationAuthority="RA000242")), "C9"),
        (firm(**number("RAID", registrationAuthority="HRB")), "pattern"),
        (firm(**number("LEIX", "5299000J2N45DDNE4Y29")), "C11"),
        (person() | firm(), "either"),
        ({}, "either"),
        (person(shoeSize="44"), "Extra inputs"),
        (person(name={"nameIdentifier": "Becker"}), "tuple"),
    ],
)
def test_what_breaks_a_rule_is_refused_and_says_which(told: Any, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Person.model_validate(told)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("originator", "rule"),
    [
        ({"naturalPerson": {"name": NAME}}, "C1"),
        ({"legalPerson": {"name": FIRM}}, "C4"),
    ],
)
def test_an_originator_who_is_only_a_name_is_refused(originator: Any, rule: str) -> None:
    with pytest.raises(ValidationError) as caught:
        IdentityPayload.model_validate(payload(originator))
    assert rule in str(caught.value)
