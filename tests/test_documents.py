"""What documents and docstrings say of the tree is true of it."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=False,
).stdout.split("\n")
FILES = [name for name in TRACKED if name and (ROOT / name).exists()]
FOLDERS = {parent.as_posix() for name in FILES for parent in Path(name).parents}
DOCUMENTS = [name for name in FILES if name.endswith(".md") and name != "CHANGELOG.md"]
CODE = [name for name in FILES if re.match(r"(core|components|pages|equipoise)/.*\.py$", name)]

PATH = re.compile(
    r"(?<![\w/.*-])(?:core|components|pages|equipoise|tests|docs|benchmarks)/[\w./-]*\w"
)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
ROLE = re.compile(r":(?:func|class|mod|meth|attr|data|exc):`~?([\w.]+)`")
TARGET = re.compile(r"(?:^    |`)make ([a-z-]+)", re.MULTILINE)

pytestmark = pytest.mark.skipif(not FILES, reason="not a checkout: git lists no files")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def packages(*rooms: str) -> Iterator[str]:
    for name in FILES:
        if name.endswith("/__init__.py") and name.split("/")[0] in rooms:
            yield name.removesuffix("/__init__.py")


def test_every_package_of_core_is_named_in_the_architecture() -> None:
    sentence = text("docs/architecture.md")
    missing = []
    for package in packages("core"):
        _, *inside = package.split("/")
        if len(inside) == 1:
            missing += [package] if f"| `{package}` |" not in sentence else []
        elif len(inside) > 1:
            # In the row of its room.
            row = next(x for x in sentence.split("\n") if x.startswith(f"| `core/{inside[0]}`"))
            missing += [package] if f"{'/'.join(inside[1:])}/`" not in row else []
    assert not missing


def test_the_layers_of_the_architecture_are_those_of_the_contract() -> None:
    contracts = tomllib.loads(text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    (layers,) = [c["layers"] for c in contracts if c.get("containers") == ["core"]]
    rows = re.findall(r"^\| (`core/[^|]*) \|", text("docs/architecture.md"), re.MULTILINE)
    parts = [set(re.findall(r"core/(\w+)", row)) for row in rows]
    assert parts == [set(layer.split(" | ")) for layer in layers]


def test_every_room_is_named_for_contributors() -> None:
    sentence = text("CONTRIBUTING.md")
    rooms = {name.split("/")[0] for name in FILES if "/" in name and not name.startswith(".")}
    areas = {name.split("/")[1] for name in packages("components", "pages") if "/" in name}
    assert not {name for name in rooms | areas if f"`{name}`" not in sentence}


def there(path: str) -> bool:
    """Whether it is a file, a module, a folder, or the number of a decision."""
    numbered = re.fullmatch(r"docs/decisions/\d{4}", path) is not None
    return (
        path in FOLDERS
        or bool({path, f"{path}.py"} & set(FILES))
        or (numbered and any(name.startswith(f"{path}-") for name in FILES))
    )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_document_points_to_is_there(name: str) -> None:
    sentence, here = text(name), (ROOT / name).parent
    lost = {path for path in PATH.findall(sentence) if not there(path)}
    lost |= {link for link in LINK.findall(sentence) if not (here / link).exists()}
    assert not lost


def test_what_code_points_to_is_there() -> None:
    lost = {(name, path) for name in CODE for path in PATH.findall(text(name)) if not there(path)}
    assert not lost


def test_every_target_of_make_that_is_named_exists() -> None:
    made = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    named = {(name, found) for name in DOCUMENTS for found in TARGET.findall(text(name))}
    assert {found for _, found in named} >= {"test", "check", "docs", "measure"}
    assert not {(name, found) for name, found in named if found not in made}


def test_the_lock_lies_in_the_ranges_of_the_project() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", text("requirements.txt"), re.MULTILINE))
    asked = [Requirement(item) for item in project["dependencies"]]
    assert len(asked) > 20
    for item in asked:
        assert item.specifier.contains(locked[item.name]), item
        # From the locked version on: no older one was tested.
        (lowest,) = [x.version for x in item.specifier if x.operator == ">="]
        assert (
            Version(locked[item.name]).release[: len(Version(lowest).release)]
            == Version(lowest).release
        ), item
    # What a person is told to install where these two don't fit each other.
    for name in ("scikit-learn", "diffprivlib"):
        (item,) = [x for x in asked if x.name == name]
        ends = sorted(str(item.specifier).split(","), reverse=True)
        assert f"'{name}{','.join(ends)}'" in text("core/learning/noise_library.py")


def defined() -> dict[str, set[str]]:
    """Every module with what it defines or imports, and the members of its classes."""
    out = {}
    for name in CODE:
        held = set()
        tree = ast.parse(text(name))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom | ast.Import):
                held |= {alias.asname or alias.name for alias in node.names}
        for node in tree.body:
            held |= names(node)
            if isinstance(node, ast.ClassDef):
                members = {member for item in node.body for member in names(item)}
                held |= members | {f"{node.name}.{member}" for member in members}
        out[name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")] = held
    return out


def names(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.AnnAssign):
        return {ast.unparse(node.target)}
    if isinstance(node, ast.Assign):
        return {x.id for t in node.targets for x in ast.walk(t) if isinstance(x, ast.Name)}
    return set()


def test_every_cross_reference_in_a_docstring_leads_somewhere() -> None:
    modules = defined()
    public = {
        f"equipoise.{name}" for name in re.findall(r'"(\w+)",', text("equipoise/__init__.py"))
    }
    members = {name for held in modules.values() for name in held if "." in name}
    known = {f"{module}.{name}" for module, held in modules.items() for name in held}
    known |= set(modules) | public
    lost = set()
    for module, held in modules.items():
        path = module.replace(".", "/")
        file = f"{path}.py" if f"{path}.py" in FILES else f"{path}/__init__.py"
        for target in ROLE.findall(text(file)):
            imported = target in members and target.split(".")[0] in held
            if target not in known and target not in held and not imported:
                lost.add((module, target))
    assert not lost
