"""Compile the contracts into the artifacts that the product ships.

Running the product needs no compiler: the artifacts are committed inside the package, and
``--check`` proves that they are what the sources compile to. The settings come from
``contracts/solc.json``, which Hardhat reads as well.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import posixpath
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import solcx
from solcx.exceptions import SolcError

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = ROOT / "contracts"
NODE_MODULES = ROOT / "node_modules"
ROLES = CONTRACTS / "roles.json"
ARTIFACTS = ROOT / "wallet_chain" / "ledger" / "artifacts"
CACHE = ROOT / ".cache" / "solc"
SOLC = ROOT / "scripts" / "solc_wrapper.mjs"

IMPORT = re.compile(r"""^\s*import\s+(?:[^"';]*\sfrom\s+)?["']([^"']+)["']""", re.MULTILINE)
AST_ID = re.compile(r"(t_(?:struct|contract|enum|userDefinedValueType)\([^()]*\))(\d+)")

OUTPUTS = [
    "abi",
    "evm.bytecode.object",
    "evm.bytecode.linkReferences",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.immutableReferences",
    "storageLayout",
]

Json = dict[str, Any]


class CompileError(Exception):
    """The sources, or what they import, cannot be compiled as they stand."""


@dataclass(frozen=True)
class Sources:
    """Every file the compiler may read, by the name it goes by in the compiler's input.

    The names are Hardhat's: the order in which solc visits files follows from them, so equal
    names are part of getting equal bytecode.
    """

    config: Json
    text: dict[str, str]
    wanted: frozenset[str]

    def imports(self, name: str) -> list[str]:
        """Give the names of the files that the named one imports."""
        return [self._resolve(name, target) for target in IMPORT.findall(self.text[name])]

    def _resolve(self, importer: str, target: str) -> str:
        if target.startswith("."):
            return posixpath.normpath(posixpath.join(posixpath.dirname(importer), target))
        for prefix, replacement in remappings(self.config).items():
            if target.startswith(prefix):
                return replacement + target.removeprefix(prefix)
        raise CompileError(
            f"{importer} imports {target}: name its package in the dependencies of contracts/solc.json"
        )

    def closure(self, name: str) -> list[str]:
        """Give the named file and all that it reaches through imports, sorted."""
        reached: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current not in reached:
                reached.add(current)
                waiting.extend(self.imports(current))
        return sorted(reached)


def remappings(config: Json) -> dict[str, str]:
    """Give the prefix of each npm package's imports, and the prefix it is compiled under."""
    found = {}
    for package in config["dependencies"]:
        manifest = NODE_MODULES / package / "package.json"
        if not manifest.exists():
            raise CompileError(f"{package} is not installed: run `make install`")
        version = json.loads(manifest.read_text("utf-8"))["version"]
        found[f"{package}/"] = f"npm/{package}@{version}/"
    return found


def read_sources() -> Sources:
    """Read our contracts, the npm contracts that we deploy, and all that these import."""
    config = json.loads((CONTRACTS / "solc.json").read_text("utf-8"))
    prefixes = remappings(config)
    directories = {prefixes[f"{p}/"]: NODE_MODULES / p for p in config["dependencies"]}
    directories["project/"] = ROOT

    ours = {
        f"project/{path.relative_to(ROOT).as_posix()}"
        for path in CONTRACTS.rglob("*.sol")
        if not path.name.endswith(".t.sol")
    }
    theirs = {
        prefixes[f"{package}/"] + file
        for package, files in config["dependencies"].items()
        for file in files
    }
    sources = Sources(config=config, text={}, wanted=frozenset(ours | theirs))
    waiting = sorted(sources.wanted)
    while waiting:
        name = waiting.pop()
        if name in sources.text:
            continue
        prefix = next(p for p in directories if name.startswith(p))
        path = directories[prefix] / name.removeprefix(prefix)
        if not path.is_file():
            raise CompileError(f"{name} is imported, but there is no such file")
        sources.text[name] = path.read_text("utf-8")
        waiting.extend(sources.imports(name))
    return sources


def compiler_input(sources: Sources) -> Json:
    """Build the compiler's whole input: nothing outside it can change the output."""
    return {
        "language": "Solidity",
        "sources": {name: {"content": sources.text[name]} for name in sorted(sources.text)},
        "settings": {
            **sources.config["settings"],
            "remappings": [f"{a}={b}" for a, b in sorted(remappings(sources.config).items())],
            "outputSelection": {"*": {"*": OUTPUTS, "": ["ast"]}},
        },
    }


def run_compiler(sources: Sources) -> Json:
    """Compile, or take the answer to the very same input from the cache."""
    # The Node of the virtual environment goes first: an older one of the system may not do.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    version = str(solcx.wrapper.get_solc_version(SOLC))
    if version != sources.config["version"]:
        raise CompileError(
            f"contracts/solc.json asks for solc {sources.config['version']}, installed is {version}"
        )
    question = compiler_input(sources)
    digest = hashlib.sha256((version + json.dumps(question, sort_keys=True)).encode()).hexdigest()
    cached = CACHE / f"{digest}.json"
    if cached.exists():
        answer: Json = json.loads(cached.read_text("utf-8"))
        return answer
    try:
        answer = solcx.compile_standard(question, solc_binary=SOLC)
    except SolcError as error:
        # Its own text repeats all sources; what the compiler says is enough.
        raise CompileError(error.message) from None
    CACHE.mkdir(parents=True, exist_ok=True)
    unfinished = cached.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(answer), "utf-8")
    unfinished.replace(cached)
    return answer


def warnings_in(answer: Json) -> list[str]:
    """Give the compiler's warnings about our own files; those of dependencies are theirs."""
    return [
        error["formattedMessage"].strip()
        for error in answer.get("errors", [])
        if error.get("sourceLocation", {}).get("file", "project/").startswith("project/")
    ]


def artifacts_of(sources: Sources, answer: Json) -> dict[str, str]:
    """Give the text of each artifact file, by contract name."""
    found: dict[str, str] = {}
    for name in sorted(sources.wanted):
        definitions = {
            node["name"]: node
            for node in answer["sources"][name]["ast"]["nodes"]
            if node["nodeType"] == "ContractDefinition"
        }
        for contract, output in answer.get("contracts", {}).get(name, {}).items():
            definition = definitions[contract]
            if definition["contractKind"] != "contract" or definition["abstract"]:
                continue
            if contract in found:
                raise CompileError(f"two contracts are called {contract}: artifacts go by name")
            artifact = artifact_of(sources, name, contract, output)
            found[contract] = json.dumps(artifact, indent=1, sort_keys=True) + "\n"
    return found


def table_of_roles() -> dict[str, str]:
    """Give the list of which role each function needs: the deployer reads it from the package."""
    return {"roles": ROLES.read_text("utf-8")}


def artifact_of(sources: Sources, name: str, contract: str, output: Json) -> Json:
    """Put together what deploying, calling and checking one contract needs."""
    created, deployed = output["evm"]["bytecode"], output["evm"]["deployedBytecode"]
    if created.get("linkReferences"):
        raise CompileError(f"{contract} needs a linked library, which deployment does not support")
    hashed = {part: sources.text[part] for part in sources.closure(name)}
    hashed["settings"] = json.dumps(sources.config["settings"], sort_keys=True)
    return {
        "contractName": contract,
        "sourceName": name,
        "sourceHash": hashlib.sha256(json.dumps(hashed, sort_keys=True).encode()).hexdigest(),
        "compilerVersion": sources.config["version"],
        "abi": output["abi"],
        "bytecode": "0x" + created["object"],
        "deployedBytecode": "0x" + deployed["object"],
        "immutableReferences": renumber_immutables(deployed.get("immutableReferences", {})),
        "storageLayout": renumber_layout(output["storageLayout"]),
    }


def renumber_immutables(references: Json) -> Json:
    """Name each immutable by its place in the source instead of its syntax tree number.

    The compiler numbers the trees of all files together, so a new contract would otherwise
    change the artifact of every other one.
    """
    return {str(place): references[key] for place, key in enumerate(sorted(references, key=int))}


def renumber_layout(layout: Json) -> Json:
    """Do for the storage layout what `renumber_immutables` does for immutables."""
    text = json.dumps(layout)
    places: dict[str, int] = {}
    for _, number in AST_ID.findall(text):
        places.setdefault(number, len(places))
    renumbered: Json = json.loads(
        AST_ID.sub(lambda match: f"{match[1]}{places[match[2]]}", text),
        object_hook=lambda entry: {key: entry[key] for key in entry if key != "astId"},
    )
    return renumbered


def stale(wanted: dict[str, str]) -> list[str]:
    """Say which artifact files are not what the sources compile to, and why."""
    present = {path.stem: path for path in ARTIFACTS.glob("*.json")}
    reasons = [f"{name}.json has no contract" for name in present.keys() - wanted.keys()]
    for name, text in wanted.items():
        if name not in present:
            reasons.append(f"{name}.json is missing")
        elif present[name].read_text("utf-8") != text:
            reasons.append(f"{name}.json differs from its source")
    return sorted(reasons)


def write(wanted: dict[str, str]) -> list[str]:
    """Bring the artifact files up to date, and give the names of those that changed."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    for path in ARTIFACTS.glob("*.json"):
        if path.stem not in wanted:
            path.unlink()
    changed = []
    for name, text in wanted.items():
        path = ARTIFACTS / f"{name}.json"
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8", newline="\n")
            changed.append(name)
    return changed


def main() -> int:
    """Write the artifacts, or with ``--check`` only say which are stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    check: bool = parser.parse_args().check
    try:
        sources = read_sources()
        answer = run_compiler(sources)
        wanted = artifacts_of(sources, answer) | table_of_roles()
    except CompileError as error:
        print(error, file=sys.stderr)
        return 1
    warnings = warnings_in(answer)
    for warning in warnings:
        print(warning, file=sys.stderr)
    if not check:
        changed = write(wanted)
        print(f"{len(wanted)} artifacts, {len(changed)} changed: {', '.join(changed) or 'none'}")
        return 0
    reasons = stale(wanted)
    for reason in reasons:
        print(f"stale artifact: {reason}; run `make contracts`", file=sys.stderr)
    if warnings:
        print("the compiler warns about our own sources: see above", file=sys.stderr)
    return 1 if reasons or warnings else 0


if __name__ == "__main__":
    sys.exit(main())
