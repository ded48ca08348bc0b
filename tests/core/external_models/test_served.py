"""Served models: what is sent, what is read, how often, and what is refused."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.external_models.model_task import check_task
from core.external_models.served.allowed_servers import VARIABLE, check_allowed
from core.external_models.served.answers import read_answers
from core.external_models.served.connection import ServedSpec
from core.external_models.served.http_client import (
    TOKEN,
    Patience,
    _read,
    ask_json,
    check_address,
)
from core.external_models.served.row_cache import CallAccount, RowCache
from core.external_models.served.served_model import open_served
from tests.core.external_models.model_servers import dripping, serving

FEATURES = pd.DataFrame(
    {
        "age": [30.0, np.nan, 50.0, 30.0],
        "town": pd.Series(["Bonn", "(missing)", "Köln", "Bonn"], dtype=object),
        "owns": pd.Series(["true", "false", "true", "true"], dtype=object),
    }
)
GIVEN = {
    "age": FEATURES["age"].to_numpy(),
    "town": np.array(["Bonn", None, "Köln", "Bonn"], dtype=object),
    "owns": np.array([1.0, 0.0, 1.0, 1.0]),
}
QUICK = Patience(seconds=2, tries=3, wait=0.01)


def chance(age: Any, owns: Any) -> float:
    return (0.5 if age is None else age / 100) + (0.25 if owns else 0.0)


def invocations(method: str, path: str, body: Any) -> tuple[int, Any]:
    assert (method, path) == ("POST", "/invocations")
    table = body["dataframe_split"]
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]
    scores = [chance(row["age"], row["owns"]) for row in rows]
    return 200, {"predictions": [[1 - score, score] for score in scores]}


def test_mlflow_is_asked_by_name_with_types_of_json_and_no_row_twice() -> None:
    with serving(invocations) as server:
        model = open_served(ServedSpec(server.address, patience=QUICK), FEATURES, "yes", {})
        assert model.facts.classes == ("0", "1")
        assert not model.facts.named_classes
        ((_, _, body),) = server.asked
        assert body["dataframe_split"]["columns"] == ["age", "town", "owns"]
        assert body["dataframe_split"]["data"][:2] == [[30.0, "Bonn", True], [None, None, False]]
        found = model.score(GIVEN)
        assert found[:, 1].tolist() == [0.55, 0.5, 0.75, 0.55]
        # Two of four rows are the same, and those of the first call are known.
        assert len(server.asked) == 1
        assert (model.cache.calls, model.cache.rows) == (1, 3)
        older = GIVEN | {"age": np.array([31.0, np.nan, 51.0, 31.0])}
        assert model.score(older)[:, 1].tolist() == [0.56, 0.5, 0.76, 0.56]
        assert len(server.asked[1][2]["dataframe_split"]["data"]) == 2
        assert np.array_equal(model.score(GIVEN), found)
        assert len(server.asked) == 2
        assert (model.cache.calls, model.cache.rows) == (2, 5)


def inference(method: str, path: str, body: Any) -> tuple[int, Any]:
    if method == "GET":
        assert path == "/v2/models/m"
        return 200, {
            "name": "m", "platform": "test",
            "inputs": [
                {"name": "age", "datatype": "FP32", "shape": [-1, 1]},
                {"name": "owns", "datatype": "BOOL", "shape": [-1, 1]},
            ],
            "outputs": [
                {"name": "label", "datatype": "INT64", "shape": [-1]},
                {"name": "probabilities", "datatype": "FP32", "shape": [-1, 2]},
            ],
        }  # fmt: skip
    assert path == "/v2/models/m/infer"
    told = {item["name"]: item for item in body["inputs"]}
    assert told["age"]["datatype"] == "FP32"
    assert told["owns"]["datatype"] == "BOOL"
    assert told["age"]["shape"] == [len(told["age"]["data"]), 1]
    scores = [chance(*row) for row in zip(told["age"]["data"], told["owns"]["data"], strict=True)]
    data = [part for score in scores for part in (1 - score, score)]
    shape = [len(scores), 2]
    output = {"name": "probabilities", "datatype": "FP32", "shape": shape, "data": data}
    return 200, {"outputs": [{"name": "label", "datatype": "INT64", "data": [0]}, output]}


def test_an_inference_server_tells_its_inputs_and_is_read_by_its_probabilities() -> None:
    with serving(inference) as server:
        spec = ServedSpec(f"{server.address}/v2/models/m", batch=2, patience=QUICK)
        model = open_served(spec, FEATURES, "yes", {})
        assert [item.name for item in model.facts.inputs] == ["age", "owns"]
        found = model.score({name: GIVEN[name] for name in ("age", "owns")})
        assert found[:, 1].tolist() == [0.55, 0.5, 0.75, 0.55]
        asked = [body for method, _, body in server.asked if method == "POST"]
        assert [len(body["inputs"][0]["data"]) for body in asked] == [2, 1]
        assert asked[0]["outputs"] == [{"name": "probabilities"}]


def test_one_tensor_of_several_columns_goes_by_position() -> None:
    def answer(method: str, path: str, body: Any) -> tuple[int, Any]:
        if method == "GET":
            return 200, {"inputs": [{"name": "x", "datatype": "FP64", "shape": [-1, 2]}]}
        (tensor,) = body["inputs"]
        rows = np.array(tensor["data"], dtype=float).reshape(tensor["shape"])
        return 200, {"outputs": [{"name": "y", "datatype": "FP64", "shape": [len(rows)],
                                  "data": (rows[:, 0] - rows[:, 1]).tolist()}]}  # fmt: skip

    two = pd.DataFrame({"b": [0.75, 0.5], "a": [0.25, 0.125]})
    with serving(answer) as server:
        spec = ServedSpec(f"{server.address}/v2/models/m", patience=QUICK)
        model = open_served(spec, two, "yes", {"input 1": "b", "input 2": "a"})
        given = {"input 1": two["b"].to_numpy(), "input 2": two["a"].to_numpy()}
        assert model.score(given).tolist() == [0.5, 0.375]


@pytest.mark.parametrize(
    ("answers", "scores", "output"),
    [
        ([[0.2, 0.8]], [[0.2, 0.8]], "probability"),
        ([[0.8]], [0.8], "probability"),
        ([0.8, 1], [0.8, 1.0], "probability"),
        ([1, 0], [1.0, 0.0], "label"),
        (["yes", "no"], [0.0, 0.0], "label"),
        ([True, False], [0.0, 0.0], "label"),
    ],
)
def test_answers_are_probabilities_scores_or_labels(
    answers: list[Any], scores: list[Any], output: str
) -> None:
    found, kind = read_answers(answers, "1", "m")
    assert found.tolist() == scores
    assert kind == output


def test_labels_without_the_positive_one_are_refused_and_a_single_label_is_not() -> None:
    said = iter([["good", "bad"], ["good", "bad"], ["bad", "bad"], ["bad", "bad"]])

    def answer(method: str, path: str, body: Any) -> tuple[int, Any]:
        return 200, {"predictions": next(said)}

    two = pd.DataFrame({"x": [1.0, 2.0]})
    with serving(answer) as server:
        for positive in ("1", "good"):
            model = open_served(ServedSpec(server.address, patience=QUICK), two, positive, {})
            model.score({"x": two["x"].to_numpy()})
            if positive == "1":
                with pytest.raises(InputError, match="'bad', 'good', and never with '1'"):
                    model.check_labels()
            else:
                model.check_labels()


def test_probabilities_that_metadata_does_not_list_are_asked_for_and_done_without() -> None:
    for offers in (True, False):

        def answer(method: str, path: str, body: Any, offers: bool = offers) -> tuple[int, Any]:
            if method == "GET":
                return 200, {"name": "m", "inputs": [], "outputs": []}
            wanted = [item["name"] for item in body.get("outputs", [])]
            if wanted == ["predict_proba"] and not offers:
                return 500, {"error": "no such output"}
            count = len(body["inputs"][0]["data"])
            one: dict[str, Any] = {"name": "predict", "datatype": "BYTES", "shape": [count, 1],
                                   "data": ["yes"] * count}  # fmt: skip
            if wanted:
                one = {"name": wanted[0], "datatype": "FP64", "shape": [count, 2],
                       "data": [0.25, 0.75] * count}  # fmt: skip
            return 200, {"outputs": [one]}

        with serving(answer) as server:
            spec = ServedSpec(f"{server.address}/v2/models/m", patience=QUICK)
            model = open_served(spec, FEATURES, "yes", {})
            assert model.facts.output == ("probability" if offers else "label")
            found = model.score(GIVEN)
            assert found.tolist() == ([[0.25, 0.75]] * 4 if offers else [1.0] * 4)
            # What was tried and answered is the answer.
            posts = [body for method, _, body in server.asked if method == "POST"]
            assert len(posts) == (1 if offers else 2)


ONE = [{"name": "age", "datatype": "FP64", "shape": [-1, 1]}]
WIDE = [{"name": "x", "datatype": "FP64", "shape": [-1, 1_000_000_000]}]


@pytest.mark.parametrize(
    ("inputs", "output", "said"),
    [
        (WIDE, {}, "it takes 1,000,000,000 columns in one tensor"),
        (ONE, 5, "the answer holds no output"),
        (ONE, {"datatype": "FP64", "shape": [3, 1], "data": ["a"] * 3}, "said to be numbers"),
        (ONE, {"datatype": "FP64", "shape": ["a", "b"], "data": [0.5] * 6}, "6 answers for 3 rows"),
        (ONE, {"datatype": "FP64", "shape": [3, 2.0], "data": [0.5] * 6}, "6 answers for 3 rows"),
        (5, {"datatype": "FP64", "shape": [3, 3], "data": [0.5] * 6}, "do not add up|for 3 rows"),
    ],
)
def test_tensors_of_odd_shapes_and_kinds_end_in_a_sentence(
    inputs: Any, output: Any, said: str
) -> None:
    def answer(method: str, path: str, body: Any) -> tuple[int, Any]:
        if method == "GET":
            return 200, {"name": "m", "inputs": inputs, "outputs": 7}
        return 200, {"outputs": [output | {"name": "p"}] if isinstance(output, dict) else output}

    with serving(answer) as server, pytest.raises(InputError, match=said):
        open_served(
            ServedSpec(f"{server.address}/v2/models/m", patience=QUICK), FEATURES, "yes", {}
        )


def test_a_whole_number_that_no_float_holds_is_infinite() -> None:
    with serving(lambda *_: (200, b'{"predictions": [1' + b"0" * 400 + b", 12]}")) as server:
        assert ask_json(server.address, {}, QUICK) == {"predictions": [float("inf"), 12]}


@pytest.mark.parametrize("answers", [[], None, [[1, "a"]], [None], [[]], [{"a": 1}]])
def test_answers_of_another_kind_are_refused(answers: Any) -> None:
    with pytest.raises(InputError, match="neither probabilities"):
        read_answers(answers, "yes", "m")


def test_calls_are_capped_before_any_is_made_and_what_was_answered_is_kept() -> None:
    asked = []

    def ask(columns: dict) -> np.ndarray:
        asked.append(len(columns["x"]))
        if len(asked) == 2:
            raise InputError("the server is gone")
        return columns["x"] * 2

    cache = RowCache(ask, 2, CallAccount(4), "m")
    x = np.arange(5.0)
    with pytest.raises(InputError, match="gone"):
        cache.score({"x": x})
    assert cache.score({"x": x}).tolist() == [0, 2, 4, 6, 8]
    assert asked == [2, 2, 2, 1]
    # Two calls failed or not are four calls now, and none is left for a new row.
    with pytest.raises(InputError, match="0 are left"):
        cache.score({"x": np.array([9.0])})
    assert cache.score({"x": x[:3]}).tolist() == [0, 2, 4]


def test_rows_that_only_look_alike_are_told_apart() -> None:
    cache = RowCache(lambda c: np.arange(len(c["x"]), dtype=float), 100, CallAccount(9), "m")
    texts = np.array(["nan", None, "", "None", "a"], dtype=object)
    assert len(set(cache.score({"x": texts}).tolist())) == 5
    numbers = np.array([0.1, np.nextafter(0.1, 1), np.nan])
    assert len(set(cache.score({"x": numbers}).tolist())) == 3


def test_what_may_pass_is_tried_again_and_what_cannot_is_not() -> None:
    states = iter([503, 429, 200])
    waits: list[float] = []
    with serving(lambda *_: (next(states), {"ok": 1})) as server:
        assert ask_json(server.address, {}, QUICK, sleep=waits.append) == {"ok": 1}
    assert waits == [0.01, 0.02]
    for status in (400, 404):
        with serving(lambda *_, s=status: (s, {"error": "no such column"})) as server:
            with pytest.raises(InputError, match=f"answered {status} .*no such column"):
                ask_json(server.address, {}, QUICK)
            assert len(server.asked) == 1


def test_a_server_that_is_not_there_or_redirects_or_answers_no_json_is_told() -> None:
    with pytest.raises(InputError, match=r"can't be reached.*3 times"):
        ask_json("http://127.0.0.1:9/", None, QUICK, sleep=lambda _: None)
    with serving(lambda *_: (302, {})) as server, pytest.raises(InputError, match="not followed"):
        ask_json(server.address, None, QUICK)
    with serving(lambda *_: (200, b"<html>")) as server, pytest.raises(InputError, match="JSON"):
        ask_json(server.address, None, QUICK)


def test_a_token_is_sent_from_the_environment_and_stands_in_no_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(TOKEN, "s3cret")
    with serving(lambda *_: (401, {"detail": "no"})) as server:
        with pytest.raises(InputError) as refused:
            ask_json(server.address, {}, QUICK)
        assert server.headers[0]["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in str(refused.value)
    assert TOKEN in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://a", "a.onnx", "http://", "http://me:pw@host/x", "http://@host", "http://[::1", "http://a:b",
        "http://a:99999", "http://a b", "http://a\\@b", "http://a/x y", "http://a/x?token=pw", "http://a#b",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_kept_is_refused(address: str) -> None:
    with pytest.raises(InputError) as refused:
        check_address(address)
    assert "pw" not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["http://a", "http://a_b.c:8080/v2/models/m", "https://[::1]:1"]
)
def test_an_address_of_a_server_is_taken(address: str) -> None:
    assert check_address(f"{address}/") == address


def test_a_page_asks_named_servers_and_without_any_only_where_nobody_else_reaches_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    check_allowed("http://10.0.0.5/invocations", only_this_machine=True)
    for address in ("http://10.0.0.5", "http://127.0.0.1:5000"):
        with pytest.raises(InputError, match=f"no servers of models are named.*{VARIABLE}"):
            check_allowed(address, only_this_machine=False)
    monkeypatch.setenv(VARIABLE, "http://Models.example.org:80/, https://[::1]:8443")
    for alone in (True, False):
        check_allowed("http://models.example.org/v2/models/m", only_this_machine=alone)
        check_allowed("https://[::1]:8443", only_this_machine=alone)
        for address in (
            "https://models.example.org", "http://models.example.org:81", "http://[::1]:8443",
            "http://models.example.org.evil", "http://127.0.0.1",
        ):  # fmt: skip
            with pytest.raises(InputError, match="it may ask http://Models"):
                check_allowed(address, only_this_machine=alone)
    monkeypatch.setenv(VARIABLE, " ")
    with pytest.raises(InputError, match="no server may be asked from here"):
        check_allowed("http://127.0.0.1", only_this_machine=True)


def test_an_answer_that_drips_without_end_is_not_waited_for() -> None:
    class Dripping:
        def read1(self, size: int) -> bytes:
            return b"1"

    with pytest.raises(TimeoutError):
        _read(Dripping(), "m", time.monotonic() + 0.05)


@pytest.mark.parametrize(
    ("begins", "goes_on", "said"),
    [
        (b"", b"H", "did not answer within 0.2 seconds"),
        (b"HTTP/1.1 200 OK\r\n", b"a", "did not answer within 0.2 seconds"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", "did not answer within 0.2 seconds"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1", "within 0.2 seconds"),
        (b"HTTP/1.1 400 No\r\nContent-Length: 999999\r\n\r\n", b"x", r"answered 400 \(xxx"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 999999\r\n\r\n", b"x", r"answered 500 \(xxx"),
    ],
)
def test_whatever_drips_is_cut(begins: bytes, goes_on: bytes, said: str) -> None:
    with dripping(begins, goes_on) as address:
        started = time.monotonic()
        with pytest.raises(InputError, match=said):
            ask_json(address, {"a": 1}, Patience(seconds=0.2, tries=2, wait=0.01))
        assert time.monotonic() - started < 5


def test_an_answer_of_lists_within_lists_is_no_json() -> None:
    with (
        serving(lambda *_: (200, b"[" * 100_000)) as server,
        pytest.raises(InputError, match="the answer is no JSON"),
    ):
        ask_json(server.address, {"a": 1}, QUICK)


def test_of_rows_that_are_the_same_one_is_asked_and_no_more_than_a_call_may_have() -> None:
    features = pd.concat([FEATURES] * 5, ignore_index=True).assign(age=np.arange(20.0) // 2)
    given = {name: np.tile(values, 5) for name, values in GIVEN.items()} | {
        "age": features["age"].to_numpy()
    }
    with serving(invocations) as server:
        spec = ServedSpec(server.address, batch=3, patience=QUICK)
        open_served(spec, features, "yes", {}).score(given)
        asked = [tuple(r) for _, _, body in server.asked for r in body["dataframe_split"]["data"]]
    assert len(asked) == len(set(asked)) == 20
    assert max(len(body["dataframe_split"]["data"]) for _, _, body in server.asked) == 3


def test_an_audit_of_a_served_model_from_the_command_line(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from core.__main__ import main

    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"sex": rng.choice(["f", "m"], 300), "age": rng.integers(10, 70, 300),
         "owns": rng.choice(["true", "false"], 300)}
    )  # fmt: skip
    frame["paid"] = np.where(rng.random(300) < frame["age"] / 100, "yes", "no")
    table = tmp_path / "people.csv"
    frame.to_csv(table, index=False)
    words = ["audit", "--data", str(table), "--target", "paid", "--favourable", "yes",
             "--sensitive", "sex", "--explain", "0", "--input", "age=age", "--input",
             "owns=owns"]  # fmt: skip
    with serving(invocations) as server:
        out = tmp_path / "out"
        model = ["--model", server.address, "--model-class", "1", "--model-batch", "100"]
        assert main([*words, *model, "--out", str(out)]) == 0
        assert "1,000 calls of 100 rows" in capsys.readouterr().err
        record = json.loads((out / "audit.json").read_text())
        score = frame["age"] / 100 + 0.25 * (frame["owns"] == "true")
        right = ((score >= 0.5) == (frame["paid"] == "yes")).mean()
        assert record["performance"]["accuracy"] == pytest.approx(right)
        assert record["plan"]["external_model"]["name"] == server.address
        again = [*words[:-4], "--matching", str(out / "matching.json"), "--model", server.address]
        assert main([*again, "--out", str(tmp_path / "again")]) == 0
        two = json.loads((tmp_path / "again" / "audit.json").read_text())
        assert two["plan"]["external_model"] == record["plan"]["external_model"]
        server.answer = lambda m, p, b: (
            200, {"predictions": [[0.1, 0.9]] * len(b["dataframe_split"]["data"])}
        )  # fmt: skip
        assert main([*again, "--out", str(tmp_path / "other")]) == 2
        assert "another model" in capsys.readouterr().err
        assert main([*words, *model, "--model-calls", "1", "--out", str(tmp_path / "few")]) == 2
        assert "may be made" in capsys.readouterr().err


def test_a_served_model_is_an_estimator_in_a_notebook() -> None:
    import equipoise

    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"sex": rng.choice(["f", "m"], 200), "age": rng.integers(10, 70, 200),
         "owns": rng.choice([True, False], 200)}
    )  # fmt: skip
    frame["paid"] = np.where(rng.random(200) < frame["age"] / 100, "yes", "no")
    with serving(invocations) as server:
        result = equipoise.audit(
            frame, target="paid", positive_label="yes", sensitive="sex", explain=0,
            estimator=server.address, features=["age", "owns"], positive_class=1,
        )  # fmt: skip
    found = result.to_frame().query("metric == 'selection_rate' and group == 'everyone'")
    score = frame["age"] / 100 + 0.25 * frame["owns"]
    assert found["estimate"].item() == pytest.approx((score >= 0.5).mean())


def test_a_label_beside_a_score_is_no_pair_of_probabilities() -> None:
    with pytest.raises(InputError, match="do not add up to 1"):
        read_answers([[1, 0.7], [0, 0.2]], "1", "model")
    found, _ = read_answers([[0.3, 0.7], [0.8002, 0.2]], "1", "model")
    assert found.shape == (2, 2)


def test_a_server_of_amounts_is_led_to_their_audit_and_asked_in_it() -> None:
    def answer(method: str, path: str, body: Any) -> tuple[int, Any]:
        return 200, {"predictions": [12.5] * len(body["dataframe_split"]["data"])}

    with serving(answer) as server:
        spec = ServedSpec(server.address, patience=QUICK)
        model = open_served(spec, FEATURES, "yes", {})
        with pytest.raises(InputError, match="fairness --regression --model URL"):
            check_task(model.facts, server.address)
        asked = open_served(spec, FEATURES, None, {})
        check_task(asked.facts, server.address, "regression")
        assert (asked.facts.task, asked.facts.output) == ("regression", "number")


@pytest.mark.parametrize(
    ("answers", "wanted", "why"),
    [
        (["a", "b"], None, "its answers are no amounts"),
        ([True, False], None, "its answers are no amounts"),
        ([[1.0, 2.0], [3.0, 4.0]], None, "its answers are no amounts"),
        (["a", "z"], ("a", "b", "c"), "it answers with 'z', and the true classes are 'a', 'b'"),
        ([[0.5, 0.1], [0.2, 0.1]], ("a", "b"), "do not add up to 1"),
    ],
)
def test_answers_that_are_no_amounts_or_classes_get_a_sentence(
    answers: Any, wanted: Any, why: str
) -> None:
    with pytest.raises(InputError, match=why):
        read_answers(answers, wanted, "m")


def test_labels_and_amounts_are_read_in_one_column_too() -> None:
    found, kind = read_answers([[2], [3.5]], None, "m")
    assert (found.tolist(), kind) == ([2.0, 3.5], "number")
    found, kind = read_answers([1.0, 0], ("0", "1", "2"), "m")
    assert (found.tolist(), kind) == ([[0, 1, 0], [1, 0, 0]], "label")
    found, kind = read_answers([[0.2, 0.3, 0.5]], ("0", "1", "2"), "m")
    assert (found.shape, kind) == ((1, 3), "probability")
