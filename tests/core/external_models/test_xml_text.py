"""XML is checked before another library reads it: no document types, no other roots, in UTF-8."""

from __future__ import annotations

import pytest

from core.errors import InputError
from core.external_models.model_formats import MODEL_FORMATS, format_of
from core.external_models.sandbox.pmml.xml_text import plain_xml
from tests.core.external_models.pmml_files import by_hand

WHOLE = by_hand()
ENTITY = '<!DOCTYPE PMML [<!ENTITY a "b">]>\n'
LAUGHS = "<!DOCTYPE PMML [<!ENTITY a 'ha'>{}]>\n".format(
    "".join(f"<!ENTITY a{i} '{'&a' + str(i - 1) * (i > 1) + ';'}'>" for i in range(1, 30))
)
OUTSIDE = '<!DOCTYPE PMML SYSTEM "file:///etc/passwd">\n'
DOCTYPES = {"entity": ENTITY, "laughs": LAUGHS, "file": OUTSIDE, "bare": "<!DOCTYPE PMML>\n"}


def encoded(data: bytes, name: str) -> bytes:
    return data.decode().replace("UTF-8", name).encode(name)


@pytest.mark.parametrize("name", ["UTF-8", "UTF-16", "UTF-8-SIG", "ISO-8859-1"])
def test_what_is_read_is_the_same_in_each_encoding(name: str) -> None:
    accented = WHOLE.replace(b'"b"', '"bé"'.encode())
    data = encoded(accented, name) if name != "UTF-8-SIG" else accented.decode().encode(name)
    assert plain_xml(data, "PMML").startswith(b"\n<PMML")
    assert plain_xml(data, "PMML") == plain_xml(accented, "PMML")
    assert format_of(data, "m.pmml").name == "pmml"


@pytest.mark.parametrize("case", list(DOCTYPES))
@pytest.mark.parametrize("name", ["UTF-8", "UTF-16"])
def test_a_document_type_is_refused_in_each_encoding(case: str, name: str) -> None:
    data = encoded(by_hand(doctype=DOCTYPES[case]), name)
    with pytest.raises(InputError, match="it declares a document type") as refused:
        plain_xml(data, "PMML")
    assert "Remove the DOCTYPE" in str(refused.value)


def test_a_word_like_it_in_a_comment_or_a_name_is_none() -> None:
    assert plain_xml(by_hand(doctype="<!-- <!DOCTYPE PMML> -->"), "PMML")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (WHOLE[:-30], r"cut off or is damaged \(line 2\)"),
        (WHOLE[:500], "cut off or is damaged"),
        (WHOLE + b"<more/>", "cut off or is damaged"),
        (WHOLE.replace(b'"x"', b'"&x;"'), "cut off or is damaged"),
        (WHOLE.replace(b'"b"', b'"\xff"'), "not in the encoding that it says"),
        (encoded(WHOLE, "UTF-7"), "in the encoding 'UTF-7', which isn't read"),
        (WHOLE.replace(b"UTF-8", b"rot13"), "in the encoding 'rot13', which isn't read"),
        (b"<a><PMML/></a>", "its outermost element is no PMML"),
        (by_hand(before="<Extension>" * 2100 + "</Extension>" * 2100), "more than 2,000 deep"),
    ],
)
def test_what_is_no_whole_xml_of_that_root_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as refused:
        plain_xml(data, "PMML")
    assert refused.value.remedy


def test_pmml_is_told_by_its_content() -> None:
    told = MODEL_FORMATS["pmml"].told
    assert told(WHOLE)
    assert told(b"<!-- " + b"long " * 5000 + b"-->\n<p:PMML xmlns:p='a'/>")
    assert not told(b"<svg><PMMLish/></svg>")
    assert not told(b"a,b\n<PMML ,2\n")
    with pytest.raises(InputError, match=r"is pmml, its name \(.onnx\) says onnx"):
        format_of(WHOLE, "model.onnx")
    with pytest.raises(InputError, match="no model of a format"):
        format_of(b"<html></html>", "model.pmml")
