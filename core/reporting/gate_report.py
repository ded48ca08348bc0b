"""A policy's outcomes for a build service: JUnit XML, Markdown and lines of plain text.

All of them are written from the same JSON that stands in audit.json, so they can't disagree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

_UNFIT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML can't hold."""
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")


def gate_lines(record: Mapping[str, Any]) -> list[str]:
    """Write an evaluation as lines for the command line.

    Parameters
    ----------
    record : mapping
        Of :meth:`core.policy.evaluation.Evaluation.to_json`.
    """
    lines = [
        f"policy {record['name']}, version {record['version']}, SHA-256 {record['sha256']}",
        *(
            f"[{item['outcome']}] {item['id']} ({item['concern']}, {item['severity']}): "
            f"{item['sentence']}"
            for item in record["criteria"]
        ),
        f"{record['verdict']}: {record['told']}",
    ]
    return [" ".join(line.split()) for line in lines]


def junit_xml(record: Mapping[str, Any], failing: Mapping[str, str | None]) -> str:
    """Write an evaluation as JUnit XML: one test case for each criterion.

    What fails the build is a failure with the outcome as its type; what is not met or not judged
    without failing it, and what does not apply, is skipped with its sentence.

    Parameters
    ----------
    record : mapping
        Of :meth:`core.policy.evaluation.Evaluation.to_json`.
    failing : mapping of str to (str or None)
        By id of a criterion, what it fails the build with.
    """
    criteria = record["criteria"]
    failures = sum(failing[item["id"]] is not None for item in criteria)
    skipped = sum(failing[item["id"]] is None and item["outcome"] != "met" for item in criteria)
    counts = {
        "tests": str(len(criteria)),
        "failures": str(failures),
        "errors": "0",
        "skipped": str(skipped),
    }
    top = ElementTree.Element("testsuites", counts)
    name = _fit(f"{record['name']}, version {record['version']}")
    suite = ElementTree.SubElement(top, "testsuite", {"name": name, **counts})
    properties = ElementTree.SubElement(suite, "properties")
    for key in ("sha256", "verdict"):
        ElementTree.SubElement(properties, "property", {"name": key, "value": record[key]})
    for item in criteria:
        about = {"classname": f"policy.{item['concern']}", "name": item["id"]}
        case = ElementTree.SubElement(suite, "testcase", about)
        sentence = _fit(item["sentence"])
        if failing[item["id"]] is not None:
            failure = ElementTree.SubElement(
                case, "failure", {"type": item["outcome"], "message": sentence}
            )
            failure.text = "\n".join(_fit(part["sentence"]) for part in item["parts"])
        elif item["outcome"] != "met":
            ElementTree.SubElement(case, "skipped", {"message": sentence})
        else:
            ElementTree.SubElement(case, "system-out").text = sentence
    ElementTree.indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(top, "unicode") + "\n"


def gate_markdown(record: Mapping[str, Any], adopted: str = "") -> str:
    """Write an evaluation as Markdown, for a comment on a change.

    Parameters
    ----------
    record : mapping
        Of :meth:`core.policy.evaluation.Evaluation.to_json`.
    adopted : str
        Who adopted the policy and when, where anybody did.
    """
    head = [
        f"## Policy {_plain(record['name'])}, version {_plain(record['version'])}: "
        f"{record['verdict']}",
        "",
        f"{record['told'][0].upper()}{record['told'][1:]}. SHA-256 of the policy: "
        f"`{record['sha256']}`.",
    ]
    if adopted:
        head.append(f"{_plain(adopted)}.")
    rows = [
        "",
        "| criterion | concern | severity | outcome | what was found |",
        "|---|---|---|---|---|",
        *(
            f"| {item['id']} | {item['concern']} | {item['severity']} | **{item['outcome']}** | "
            f"{_plain(item['sentence'])} |"
            for item in record["criteria"]
        ),
    ]
    return "\n".join([*head, *rows]) + "\n"


def _fit(text: str) -> str:
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)


def _plain(text: str) -> str:
    """Keep names of columns and groups plain text on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
