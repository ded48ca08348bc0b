"""Every broken file gets its sentence or its counted repair, and loses nothing."""

import pytest

from core.data.assign import assign, default_roles
from core.data.reading.reading import read_bytes
from core.data.table import Kind
from core.errors import InputError
from tests.core.data.broken_files import BROKEN_FILES


@pytest.mark.parametrize("case", BROKEN_FILES)
def test_broken_file(case):
    broken = BROKEN_FILES[case]()
    if broken.outcome == "refused":
        with pytest.raises(InputError) as caught:
            read_bytes(broken.data, broken.name)
        message = str(caught.value)
        assert broken.says in message
        assert broken.name in message
        assert caught.value.remedy
        assert "\n" not in message
        return
    table = read_bytes(broken.data, broken.name)
    if broken.outcome == "refused as roles":
        roles, _ = default_roles(table, "approved", "yes", ["sex"])
        with pytest.raises(InputError, match=broken.says) as caught:
            assign(table, roles)
        assert caught.value.where
        assert caught.value.remedy
    elif broken.outcome == "repaired":
        fitting = [repair for repair in table.repairs if broken.says in repair.what]
        assert fitting, table.repairs
        assert fitting[0].count == broken.count
    else:
        assert table.repairs == ()
        assert not table.frame.isna().any().any()


def read(case):
    broken = BROKEN_FILES[case]()
    return read_bytes(broken.data, broken.name)


def test_what_is_read_is_what_was_there():
    assert read("utf_16").frame["income"].sum() == 26600
    assert read("utf_8_with_mark").frame.columns[0] == "sex"
    assert len(read("old_mac_line_ends").frame) == 10
    assert read("latin_1").frame["name"].tolist()[:3] == ["Zoë", "Müller", "Größe"]
    assert read("gb18030").frame["姓名"].tolist()[:2] == ["王芳", "李伟"]
    assert read("decimal_commas").frame["rent"].tolist() == [1.5, 2.25, 3.0]
    assert read("html_in_names_and_cells").frame.columns[0] == "<img src=x onerror=alert(1)>"
    assert read("formula_like_cells").frame["note"][2] == "+cmd|' /C calc'!A0"
    assert set(read("none_is_a_category").frame["debtors"]) == {"none", "None", "guarantor"}
    assert read("leading_zeros").frame["postcode"][0] == "00123"
    assert read("five_hundred_columns").frame.shape == (10, 500)
    assert read("nested_column").frame["visits"].tolist() == ["[1, 2]", "[]", None]


@pytest.mark.parametrize(
    ("case", "column", "kind"),
    [
        ("dates", "seen", Kind.DATE),
        ("impossible_dates", "seen", Kind.CATEGORY),
        ("booleans", "member", Kind.BOOLEAN),
        ("mixed_types", "children", Kind.CATEGORY),
        ("infinite_values", "debt", Kind.NUMBER),
        ("only_missing_cells", "sex", Kind.EMPTY),
        ("ten_thousand_categories", "city", Kind.CATEGORY),
    ],
)
def test_kinds(case, column, kind):
    assert read(case).column(column).kind is kind


def test_ten_thousand_categories_are_too_many_groups():
    table = read("ten_thousand_categories")
    roles, _ = default_roles(table, "approved", "yes", ["city"])
    with pytest.raises(InputError, match="10000 groups, too many"):
        assign(table, roles)
