"""Reads a report's HTML into what the tests ask about."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "hr", "input"}
SHAPES = {"circle", "rect", "line", "polygon", "polyline"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    parent: Element | None = None
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def all(self, *tags: str) -> list[Element]:
        found = [self] if self.tag in tags else []
        return found + [e for child in self.children for e in child.all(*tags)]

    def walk(self) -> list[Element]:
        return [self] + [e for child in self.children for e in child.walk()]

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())

    def inside(self, tag: str) -> bool:
        return self.parent is not None and (self.parent.tag == tag or self.parent.inside(tag))


class Page(HTMLParser):
    """Parses strictly: every tag must be closed in order."""

    def __init__(self, html: str):
        super().__init__()
        self.root = self.here = Element("document", {})
        self.feed(html)
        self.close()
        assert self.here is self.root, f"<{self.here.tag}> isn't closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice in <{tag}>"
        element = Element(tag, dict(attrs), self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Element(tag, dict(attrs), self.here))

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.here.tag, f"</{tag}> closes <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        element: Element | None = self.here
        while element is not None:
            element.pieces.append(data)
            element = element.parent

    def all(self, *tags: str) -> list[Element]:
        return self.root.all(*tags)

    def by_id(self, name: str) -> Element:
        found = [e for e in self.root.walk() if e.attributes.get("id") == name]
        assert len(found) == 1, f"{len(found)} elements of id {name}"
        return found[0]
