"""What is kept while a session lasts: by what it depends on, each function apart."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest


def page() -> None:
    import json

    import streamlit as st

    from components.app.kept import kept

    made = st.session_state.setdefault("made", [])

    @kept("Doubling", 2, by=lambda number, unhashed: (number,))
    def twice(number: int, unhashed: object) -> int:
        """Double a number."""
        made.append(f"twice {number}")
        return 2 * number

    @kept("Halving", 2, by=lambda number, unhashed=None: (number,))
    def half(number: int, unhashed: object = None) -> float:
        made.append(f"half {number}")
        return number / 2

    found = [twice(4, {}), twice(4, []), half(4), half(4, unhashed=set()), half(number=4)]
    st.text(json.dumps([found, list(made), twice.__name__, twice.__doc__]))
    if st.button("Again"):
        twice.clear()
        twice(4, None), half(4)
    for number in range(3):
        twice(number, None)
    st.text(json.dumps(list(made)))


def test_results_are_made_once_for_what_they_depend_on() -> None:
    app = AppTest.from_function(page).run()
    assert not app.exception
    first, second = (json.loads(item.value) for item in app.text)
    assert first == [[8, 8, 2, 2, 2], ["twice 4", "half 4"], "twice", "Double a number."]
    # Of one function two are kept at most; the other's is not counted.
    assert second == [*first[1], "twice 0", "twice 1", "twice 2"]
    app.run()
    assert json.loads(app.text[0].value)[1] == [*second, "twice 4"]
    before = json.loads(app.text[1].value)
    app.button[0].click().run()
    after = json.loads(app.text[1].value)[len(before) :]
    assert after.count("half 4") == 0
    assert after[:2] == ["twice 4", "twice 4"]
