"""Only clusters that the server's operator has named are there to be chosen."""

from __future__ import annotations

import pytest

from core.errors import InputError
from core.tradeoff.sweep.clusters import VARIABLE, cluster_at, named_clusters
from core.tradeoff.sweep.executors import Cluster

ONE, OTHER = "tcp://one:8786", "tls://10.0.0.2:8786"


def test_named_clusters_are_read_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f" {ONE} ,{OTHER},,{ONE}")
    assert named_clusters() == (Cluster(ONE), Cluster(OTHER))
    assert cluster_at(OTHER) == Cluster(OTHER)


@pytest.mark.parametrize("value", [None, "", " , "])
def test_without_the_setting_there_is_none(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    assert named_clusters() == ()
    with pytest.raises(InputError, match="names no cluster"):
        cluster_at(ONE)


def test_an_address_that_is_not_named_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, ONE)
    with pytest.raises(InputError, match=VARIABLE):
        cluster_at("tcp://elsewhere:8786")


@pytest.mark.parametrize("wrong", ["one:8786", "http://one:8786", "tcp://one", "tcp://:1"])
def test_a_wrong_setting_gets_its_sentence(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv(VARIABLE, f"{ONE},{wrong}")
    with pytest.raises(InputError, match=VARIABLE):
        named_clusters()
