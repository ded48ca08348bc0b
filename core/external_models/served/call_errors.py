"""Why a server is not asked: nobody has allowed the calls, or none are left."""

from __future__ import annotations

from core.errors import InputError


class CallsNeededError(InputError):
    """Rows have to be asked for, and nobody has allowed the calls.

    Attributes
    ----------
    rows, calls : int
        What is needed at this point; the same work may need more after it.
    """

    def __init__(self, rows: int, calls: int, where: str):
        super().__init__(
            f"{rows:,} row{'s' * (rows != 1)} that {'were' if rows != 1 else 'was'} not asked "
            f"before {'take' if rows != 1 else 'takes'} {calls:,} call{'s' * (calls != 1)}, which "
            "nobody has allowed",
            where=where,
            remedy="Allow the calls where this is computed",
        )
        self.rows, self.calls = rows, calls


class NoCallsLeftError(InputError):
    """An audit has made all the calls that it may make."""
