"""Columns that name or number a row: identifiers, which tell of nobody and are no feature.

A row number is worse than useless as a feature: where a file is sorted by anything that has to do
with the outcome, a model learns the order of the file.
"""

from __future__ import annotations

import numpy as np

from core.data.roles.suggest_sensitive import looks_sensitive
from core.data.split_words import split_words
from core.data.table import Column, Kind, Table

# fmt: off
_NAMELIKE = frozenset({
    "id", "ids", "uid", "uuid", "guid", "ssn", "key", "index", "idx", "pid", "rownames",
    "rowname", "rownumber", "rowid", "recordid", "recno", "caseid", "serial", "idno", "idnum",
    "idnr", "idcode", "seqn", "seqno", "kennung", "kennnummer", "matrikel", "matrikelnummer",
    "identifiant", "matricule", "identificador", "matricula", "cpf", "dni", "nif", "mrn", "nhs",
})
_NUMBERLIKE = frozenset({
    "row", "rows", "record", "case", "obs", "observation", "no", "nr", "num", "number", "seq",
    "sequence", "level", "unnamed", "column", "zeile", "zeilennummer", "lfd", "ligne", "fila",
    "linha", "numero", "nummer", "obsno", "obsnum",
})
_PEOPLE = frozenset({
    "person", "subject", "subj", "patient", "student", "pupil", "participant", "respondent",
    "client", "customer", "applicant", "employee", "member", "user", "woman", "man", "child",
    "kid", "mother", "mom", "father", "individual", "household", "family", "borrower", "patnr",
    "patid", "personne", "persona", "pessoa", "paciente", "cliente", "kunde", "kundennummer",
    "aluno", "alumno",
})
_PERSONAL = frozenset({
    "name", "surname", "email", "phone", "fullname", "firstname", "lastname", "nachname", "vorname",
    "nom", "prenom", "apellido", "nombre", "nome", "sobrenome",
})
_NO_IDENTIFIERS = frozenset({
    "paid", "repaid", "bid", "aid", "covid", "medicaid", "valid", "invalid", "solid", "acid",
    "rapid", "fluid", "hybrid", "avoid", "said", "laid", "prepaid", "unpaid", "grid", "mid",
    "did", "rid", "kid", "lipid", "thyroid", "steroid", "opioid", "humid", "amid", "arid",
    "placid", "liquid",
})
# fmt: on
_CHINESE = ("编号", "學號", "学号", "身份证", "序号", "工号", "姓名", "客户号")

_FEW = 10
_MANY = 50
"""In fewer rows, ages or years may be a sequence without a gap by chance."""

_ROWS_EACH = 20
"""One person rarely has more rows than this on average."""


def _named_reason(column: Column, table: Table, words: list[str], present: int) -> str | None:
    """Say why a column's name and values together seem to name the person; None if not."""
    exact = bool(words) and (words[-1] in _NAMELIKE or words[0] in _NAMELIKE)
    exact = exact or any(part in word for word in words for part in _CHINESE)
    most_differ = column.distinct > 0.5 * max(present, 1)
    if most_differ and (exact or (bool(words) and words[-1] in _PERSONAL)):
        return "its name is one of identifiers and most values differ"
    if column.kind not in (Kind.NUMBER, Kind.CATEGORY, Kind.TEXT) or not _whole(column, table):
        return None
    about_a_person = _ends_in_id(words) or words in [[word] for word in _PEOPLE]
    if about_a_person and most_differ and column.distinct > _MANY:
        return "its name says whom a row is about and most values differ"
    if (exact or _ends_in_id(words)) and _of_repeated_persons(column, table, present):
        return "its name is one of identifiers and each value stands in a few rows"
    return None


def identifier_reason(column: Column, table: Table) -> str | None:
    """Say why a column seems to name the row or the person; None if it doesn't.

    It does if it is text that never repeats; if it is called like an identifier and most values
    differ, or each of many whole numbers or texts stands in a few rows; or if it holds whole
    numbers, all different, that are a sequence without a gap or are called like row numbers.
    """
    present = len(table.frame) - column.missing
    unique = column.distinct == present > _FEW
    if unique and column.distinct > _MANY and column.kind in (Kind.TEXT, Kind.CATEGORY):
        return "it is text that never repeats"
    words = split_words(column.name)
    reason = _named_reason(column, table, words, present)
    if reason is not None:
        return reason
    if not unique or not _whole(column, table):
        return None
    if column.kind is not Kind.NUMBER or looks_sensitive(column, table):
        return None  # Ages, say, each of which occurs once.
    if bool(words) and set(words) <= _NUMBERLIKE:
        return "it holds whole numbers, all different, and is called as row numbers are"
    values = table.frame[column.name].to_numpy(dtype=np.float64)
    values = values[~np.isnan(values)]
    gapless = present > _MANY and float(np.ptp(values)) == len(values) - 1
    return "it holds whole numbers that count the rows without a gap" if gapless else None


def _whole(column: Column, table: Table) -> bool:
    """Whether all numbers are whole; what is not numbers may be a name."""
    if column.kind is not Kind.NUMBER:
        return True
    values = table.frame[column.name].to_numpy(dtype=np.float64)
    values = values[~np.isnan(values)]
    return bool(np.equal(values, np.floor(values)).all())


def _ends_in_id(words: list[str]) -> bool:
    """Whether a name written together ends as identifiers do, as in "studyid" and "subjid"."""
    return any(
        len(word) > 3 and word.endswith(("id", "idnr", "idno")) and word not in _NO_IDENTIFIERS
        for word in words[-1:]
    )


def _of_repeated_persons(column: Column, table: Table, present: int) -> bool:
    """Whether each of many values stands in a few rows, as where persons come back."""
    if column.distinct <= _MANY or column.distinct * _ROWS_EACH < present:
        return False
    most = int(table.frame[column.name].value_counts().iloc[0])
    return most <= 2 * _ROWS_EACH
