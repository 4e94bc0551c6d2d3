"""Reading documents back, with the library's own classes and its own rules."""

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pyiso20022
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from wallet_chain.documents.transfers import NAMESPACE

# Nothing that the class does not know may be there, and no value of another form.
_STRICT = ParserConfig(
    fail_on_unknown_properties=True,
    fail_on_unknown_attributes=True,
    fail_on_converter_warnings=True,
)


def read_back(xml: bytes, message: ModuleType) -> Any:
    """The document, which must be in the message's namespace and keep every rule of its classes."""
    assert xml.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    name = message.__name__.rpartition(".")[2].replace("_", ".")
    assert f'<Document xmlns="{NAMESPACE}{name}">'.encode() in xml
    document = XmlParser(config=_STRICT).from_bytes(xml, message.Document)
    result = rules().validate_message(document, strict=False)
    assert not result.errors, str(result)
    return document


@cache
def rules() -> Any:
    """The library's validator. Its package would also import what makes spreadsheets."""
    path = Path(str(pyiso20022.__file__)).parent / "tools" / "validation.py"
    spec = importlib.util.spec_from_file_location("iso20022_validation", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
