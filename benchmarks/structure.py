"""How the code is built, in figures: circles of imports, lines, complexity, long functions.

Run ``make measure``, or ``python benchmarks/structure.py FOLDER`` for another checkout.
"""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PRODUCT = ("core", "components", "pages", "equipoise", "app.py", "hatch_build.py")
LONG = 60
Graph = dict[str, set[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef

# McCabe: one, and one for each place where control can go two ways.
_BRANCHES = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.comprehension,
    ast.match_case,
    ast.Assert,
)


@dataclass(frozen=True)
class Measured:
    """A function: its lines without docstring, and its cyclomatic complexity."""

    where: str
    lines: int
    complexity: int


def product(root: Path) -> dict[str, Path]:
    """Modules by dotted name, of the files that git knows."""
    listed = subprocess.run(
        ["git", "ls-files", "--", *PRODUCT], cwd=root, capture_output=True, text=True, check=True
    )
    found = {}
    for name in listed.stdout.splitlines():
        if name.endswith(".py"):
            dotted = name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
            found[dotted] = root / name
    return found


def imports(trees: dict[str, ast.Module], packages: set[str], *, typing: bool) -> Graph:
    """Which module imports which, with or without those under ``if TYPE_CHECKING``."""
    graph: Graph = {name: set() for name in trees}
    for name, tree in trees.items():
        for node in _nodes(tree, typing):
            base = name if name in packages else name.rpartition(".")[0]
            for target in _targets(node, base):
                # "from core.data import table" names a module, "… import Table" a thing in one.
                found = target if target in graph else target.rpartition(".")[0]
                if found in graph and found != name:
                    graph[name].add(found)
    return graph


def _nodes(tree: ast.AST, typing: bool) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not typing:
            for child in node.orelse:
                yield child
                yield from _nodes(child, typing)
            continue
        yield node
        yield from _nodes(node, typing)


def _targets(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1]
        base = ".".join([*(above if node.level else []), *([node.module] if node.module else [])])
        yield from (f"{base}.{alias.name}" for alias in node.names)


def siblings(graph: Graph, packages: set[str]) -> Iterator[Graph]:
    """For each package, which of its direct children, files and packages, imports which other."""
    for package in sorted({"", *packages}):
        prefix = f"{package}." if package else ""
        children: Graph = {}
        for name, targets in graph.items():
            if name.startswith(prefix) and name != package:
                child = prefix + name[len(prefix) :].split(".")[0]
                inside = (t for t in targets if t.startswith(prefix) and t != package)
                found = {prefix + t[len(prefix) :].split(".")[0] for t in inside}
                children.setdefault(child, set()).update(found - {child})
        yield children


def circles(graph: Graph) -> list[set[str]]:
    """Sets of two or more that reach each other (Tarjan's strongly connected components)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for target in graph.get(name, ()):
            if target not in order:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], order[target])
        if low[name] == order[name]:
            at = stack.index(name)
            if len(stack) - at > 1:
                found.append(set(stack[at:]))
            del stack[at:]

    for name in graph:
        if name not in order:
            visit(name)
    return found


def functions(name: str, tree: ast.Module) -> Iterator[Measured]:
    """Measure every function and method; what is nested counts for itself and not again."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            own = list(_own(node))
            branches = sum(isinstance(part, _BRANCHES) for part in own)
            branches += sum(len(p.values) - 1 for p in own if isinstance(p, ast.BoolOp))
            branches += sum(len(p.ifs) for p in own if isinstance(p, ast.comprehension))
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if ast.get_docstring(node) is not None:
                first = node.body[0]
                lines -= (first.end_lineno or first.lineno) - first.lineno + 1
            yield Measured(f"{name}:{node.lineno} {node.name}", lines, branches + 1)


def _own(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Function):
            yield child
            yield from _own(child)


def main(root: Path) -> None:
    """Print the figures of a checkout."""
    sys.setrecursionlimit(10_000)
    files = product(root)
    texts = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    trees = {name: ast.parse(text) for name, text in texts.items()}
    packages = {name for name, path in files.items() if path.name == "__init__.py"}
    for label, typing in (("imports that run", False), ("TYPE_CHECKING too", True)):
        graph = imports(trees, packages, typing=typing)
        _print_circles(f"circles between files ({label})", circles(graph))
        beside = list(siblings(graph, packages))
        rooms = [{n: t & packages for n, t in g.items() if n in packages} for g in beside]
        _print_circles(
            f"circles between packages of one folder ({label})",
            [c for g in rooms for c in circles(g)],
        )
        _print_circles(
            f"circles between packages and files of one folder ({label})",
            [c for g in beside for c in circles(g)],
        )
    print(f"product: {len(files)} files, {sum(t.count(chr(10)) for t in texts.values())} lines")
    longest = max(texts, key=lambda name: texts[name].count("\n"))
    print(f"longest file: {texts[longest].count(chr(10))} lines, {longest}")
    found = [m for name, tree in trees.items() for m in functions(name, tree)]
    mean = statistics.fmean(m.complexity for m in found)
    print(f"functions: {len(found)}, cyclomatic complexity {mean:.2f} on average")
    print("most complex:")
    _print_functions(sorted(found, key=lambda m: -m.complexity)[:5])
    long = sorted((m for m in found if m.lines > LONG), key=lambda m: -m.lines)
    print(f"functions over {LONG} lines without docstring: {len(long)}")
    _print_functions(long[:10])


def _print_circles(label: str, found: list[set[str]]) -> None:
    print(f"{label}: {len(found)}")
    for circle in sorted(found, key=len, reverse=True)[:5]:
        names = sorted(circle)
        more = f" and {len(names) - 6} more" if len(names) > 6 else ""
        print(f"    {len(names)}: {', '.join(names[:6])}{more}")


def _print_functions(found: Iterable[Measured]) -> None:
    for item in found:
        print(f"    complexity {item.complexity:2d}, {item.lines:3d} lines  {item.where}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve())
