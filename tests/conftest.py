"""Settings of all tests."""

import gc

import pytest
from hypothesis import settings

# A busy machine is no failure: what takes too long is stopped by pytest's own timeout.
settings.register_profile("equipoise", deadline=None)
settings.load_profile("equipoise")


def pytest_collection_finish() -> None:
    """Leave what stays to the end, modules and tests, out of every later search for garbage."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give slow tests an hour: a busy machine must not stop them before they have failed."""
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(3600))


@pytest.fixture(autouse=True)
def _workspace_of_the_test(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Give each test a workspace of its own, so that none spends another's privacy budget."""
    monkeypatch.setenv("EQUIPOISE_WORKSPACE", str(tmp_path_factory.mktemp("workspace")))
