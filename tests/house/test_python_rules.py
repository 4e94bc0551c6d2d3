"""How the Python of the product is written."""

import ast

from tests.house.tree import dotted, imported_modules, imported_names, report, syntax, under

PRODUCT = ("wallet_chain/", "api/")
CLOCK = "wallet_chain/clock.py"

# The rest of the product takes the time from the clock, so that tests can set it and a chain's time
# and ours cannot drift apart unseen.
TIME = {
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
}

MONEY = (
    "wallet_chain/money.py",
    "wallet_chain/issuance/",
    "wallet_chain/payments/",
    "wallet_chain/crossborder/",
    "wallet_chain/loyalty/",
    "wallet_chain/audit/",
    "wallet_chain/verifier/",
)

# module -> what it may not import, and why
FORBIDDEN_IMPORTS = {
    "api/": (
        ("web3", "sqlalchemy", "wallet_chain.ledger", "wallet_chain.store"),
        "an endpoint parses, calls one verb and answers",
    ),
}

# An import inside a function, where it is the point: "file:module" -> the reason.
LATE_IMPORTS: dict[str, str] = {
    "wallet_chain/traces.py:wallet_chain.otlp": "needs packages that need not be installed",
}


def python(*places: str) -> list[str]:
    return under(*(places or PRODUCT), ends=(".py",))


def test_imports_stand_at_the_top_of_a_module() -> None:
    breaches, unused = [], set(LATE_IMPORTS)
    for name in python():
        for node in ast.walk(syntax(name)):
            if not isinstance(node, ast.Import | ast.ImportFrom) or not inside_function(node):
                continue
            module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
            unused.discard(f"{name}:{module}")
            if f"{name}:{module}" not in LATE_IMPORTS:
                breaches.append(f"{name}:{node.lineno}: {module}: move the shared word down")
    assert not breaches, report(breaches)
    assert not unused, f"the list allows what nothing does any more: {sorted(unused)}"


def inside_function(node: ast.AST) -> bool:
    while (node := getattr(node, "parent", None)) is not None:  # type: ignore[assignment]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return True
    return False


def test_only_the_clock_reads_the_time() -> None:
    breaches = []
    for name in python():
        if name == CLOCK:
            continue
        module = syntax(name)
        names = imported_names(module)
        for node in ast.walk(module):
            if isinstance(node, ast.Attribute | ast.Name) and dotted(node, names) in TIME:
                breaches.append(f"{name}:{node.lineno}: {dotted(node, names)}: ask the clock")
    assert not breaches, report(breaches)


def test_nothing_uses_predictable_randomness() -> None:
    breaches = [
        f"{name}:{line}: {module}: use secrets"
        for name in python()
        if name != CLOCK
        for line, module in imported_modules(syntax(name))
        if module.split(".")[0] == "random"
    ]
    assert not breaches, report(breaches)


def test_no_float_touches_money() -> None:
    breaches = []
    for name in python(*MONEY):
        for node in ast.walk(syntax(name)):
            literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            named = isinstance(node, ast.Name) and node.id == "float"
            if literal or named:
                breaches.append(f"{name}:{node.lineno}: money is counted in whole minor units")  # type: ignore[attr-defined]
    assert not breaches, report(breaches)


def test_each_part_keeps_to_its_side() -> None:
    breaches = []
    for place, (forbidden, reason) in FORBIDDEN_IMPORTS.items():
        for name in python(place):
            for line, module in imported_modules(syntax(name)):
                if any(f"{module}.".startswith(f"{banned}.") for banned in forbidden):
                    breaches.append(f"{name}:{line}: {module}: {reason}")
    assert not breaches, report(breaches)


def test_the_verifier_shares_no_code_with_what_it_verifies() -> None:
    breaches = [
        f"{name}:{line}: {module}"
        for name in python("wallet_chain/verifier/")
        for line, module in imported_modules(syntax(name))
        if module.split(".")[0] in {"wallet_chain", "api"}
        and not f"{module}.".startswith("wallet_chain.verifier.")
    ]
    assert not breaches, report(breaches)


def test_no_error_is_swallowed() -> None:
    breaches = []
    for name in python(*PRODUCT, "scripts/"):
        for node in ast.walk(syntax(name)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            everything = node.type is None or (
                isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            )
            silent = all(
                isinstance(line, ast.Pass | ast.Continue)
                or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
                for line in node.body
            )
            if node.type is None or (everything and silent):
                breaches.append(
                    f"{name}:{node.lineno}: name the errors, and do something with them"
                )
    assert not breaches, report(breaches)


def test_nothing_is_left_unimplemented() -> None:
    breaches = []
    for name in python(*PRODUCT, "scripts/"):
        for node in ast.walk(syntax(name)):
            if isinstance(node, ast.Raise) and node.exc is not None:
                raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                if isinstance(raised, ast.Name) and raised.id == "NotImplementedError":
                    breaches.append(f"{name}:{node.lineno}")
    assert not breaches, report(breaches)
