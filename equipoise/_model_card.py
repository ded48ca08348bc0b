"""A model card as text that a notebook shows as the page it becomes."""

from __future__ import annotations


class ModelCard(str):
    """The Markdown of a card, front matter and all; a notebook renders it."""

    __slots__ = ()

    @property
    def front_matter(self) -> str:
        """The YAML at its head, which a hub reads and no page shows."""
        return self.split("---\n", 2)[1]

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return self.split("---\n", 2)[2].lstrip()
