"""The JSON Schema of the views, read off their types and docstrings."""

import ast
import inspect
from collections.abc import Iterable
from dataclasses import is_dataclass
from inspect import cleandoc
from textwrap import dedent
from typing import Any, get_args, get_origin

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from api.answers import Items
from wallet_chain.bank.views import Page
from wallet_chain.money import Money

_REFERENCE = "#/components/schemas/{model}"

_MONEY: JsonSchemaValue = {
    "type": "object",
    "description": "An amount of a currency.",
    "required": ["amount", "currency"],
    "properties": {
        "amount": {
            "type": "string",
            "pattern": r"^-?[0-9]+(\.[0-9]+)?$",
            "description": "A decimal string with exactly the currency's number of decimals.",
        },
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217."},
    },
    "additionalProperties": False,
}


class _ViewSchema(GenerateJsonSchema):
    """Pydantic's generator, with money as it is written and each field's docstring."""

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        """The schema of one view."""
        view = schema["cls"]
        if view is Money:
            return dict(_MONEY)
        written = super().dataclass_schema(schema)
        written["additionalProperties"] = False
        written["required"] = list(written.get("properties", {}))
        written.pop("title", None)
        if "description" in written:
            written["description"] = cleandoc(written["description"]).replace("``", "`")
        for name, said in _field_docs(view).items():
            field = written["properties"].get(name)
            if field is not None:
                field["description"] = said.replace("``", "`")
        for field in written["properties"].values():
            field.pop("title", None)
            field.pop("default", None)
        return written


def shape_name(view: Any) -> str:
    """What the document calls this answer: ``PaymentView`` is ``Payment``, its page a list."""
    if get_origin(view) in (Page, Items):
        return f"{shape_name(get_args(view)[0])}{get_origin(view).__name__}"
    name: str = view.__name__
    return name.removesuffix("View")


def schemas_of(views: Iterable[Any]) -> dict[str, JsonSchemaValue]:
    """The schema of each view, and of all that they are made of, by name."""
    found: dict[str, JsonSchemaValue] = {}
    for view in views:
        if get_origin(view) in (Page, Items):
            item = get_args(view)[0]
            found[shape_name(view)] = _list_schema(shape_name(item), get_origin(view) is Page)
            found.update(schemas_of([item]))
        elif is_dataclass(view):
            written = TypeAdapter(view).json_schema(
                ref_template=_REFERENCE, schema_generator=_ViewSchema, mode="serialization"
            )
            found.update(written.pop("$defs", {}))
            if "$ref" not in written:
                found[shape_name(view)] = written
    return _renamed(found)


def _list_schema(item: str, paged: bool) -> JsonSchemaValue:
    properties: dict[str, Any] = {
        "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{item}"}}
    }
    if paged:
        properties["next_cursor"] = {
            "anyOf": [{"type": "string"}, {"type": "null"}],
            "description": "Asks for the part that follows; null at the end.",
        }
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def _renamed(schemas: dict[str, JsonSchemaValue]) -> dict[str, JsonSchemaValue]:
    """Drop ``View`` from every name and every reference."""
    return {
        name.removesuffix("View"): _with_short_references(schema)
        for name, schema in schemas.items()
    }


def _with_short_references(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: item.removesuffix("View") if key == "$ref" else _with_short_references(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_with_short_references(item) for item in value]
    return value


def _field_docs(view: type) -> dict[str, str]:
    """The docstring under each field, which Python itself throws away."""
    body = ast.parse(dedent(inspect.getsource(view))).body[0]
    assert isinstance(body, ast.ClassDef)
    docs: dict[str, str] = {}
    for field, said in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(said, ast.Expr)
            and isinstance(said.value, ast.Constant)
            and isinstance(said.value.value, str)
        ):
            docs[field.target.id] = cleandoc(said.value.value)
    return docs
