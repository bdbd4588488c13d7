"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

import blank
import make
from commands import NOW, Commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kolbench.store.connect import Store
    from stage import Stage


settings.register_profile("kolbench", deadline=None)
settings.load_profile("kolbench")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real input files; the test is skipped where it is absent."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("KOLBENCH_DATA", beside))
    if not folder.is_dir():
        pytest.skip("the real input files are not here (set KOLBENCH_DATA to their folder)")
    return folder


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages in English, a terminal's true size and no plugins, whatever the machine, the runner and commands say."""
    monkeypatch.setenv("KOLBENCH_LANG", "en")
    monkeypatch.setenv("KOLBENCH_PLUGINS", "")  # set, and not removed, so that a command's --plugin-dir is undone
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("LINES", raising=False)


@pytest.fixture(scope="session", autouse=True)
def new_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Stores begin as copies of one; where it is about how they are made, a test asks for ``made_anew``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kolbench.store.connect._create_file", blank.copying(tmp_path_factory.mktemp("blank")))
        yield


@pytest.fixture
def made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """New stores are made, and not copied."""
    monkeypatch.setattr("kolbench.store.connect._create_file", blank.make_file)


@pytest.fixture
def kolbench(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Commands:
    """Runs commands on a store of the test's own, which is not there yet, in English and at a fixed time."""
    monkeypatch.setenv("KOLBENCH_STORE", str(tmp_path / "kolbench.db"))
    monkeypatch.setenv("KOLBENCH_NOW", NOW)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return Commands(capsys)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    from kolbench.store.connect import Store

    opened = Store.open(tmp_path / "kolbench.db")
    yield opened
    opened.close()


@pytest.fixture
def noon_of_day_100(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the hundredth day of what the builders write, at noon."""
    monkeypatch.setenv("KOLBENCH_NOW", make.moment(100.5).isoformat())


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 150 generated people, made once; copy it before writing to it."""
    from kolbench.programme import follow_ups
    from kolbench.sample import fill
    from kolbench.store.connect import Store

    path = tmp_path_factory.mktemp("sample") / "sample.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOLBENCH_NOW", NOW)
        store = Store.open(path)
        fill(store, 150)
        follow_ups.evaluate(store)
        store.close()
    return path


@pytest.fixture
def sampled(kolbench: Commands, sample: Path, tmp_path: Path) -> Commands:
    """Runs commands on a copy of the sample store."""
    shutil.copy(sample, tmp_path / "kolbench.db")
    return kolbench


@pytest.fixture(scope="session")
def worked(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample store with all the work of the demo, made once."""
    from kolbench.cli import derived
    from kolbench.sample import work
    from kolbench.store.connect import Store

    path = tmp_path_factory.mktemp("worked") / "worked.db"
    shutil.copy(sample, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOLBENCH_NOW", NOW)
        store = Store.open(path)
        work(store)
        derived.refresh(store)
        store.close()
    return path


@pytest.fixture(scope="session")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fixed store of the screens' tests, made once; copy it before writing to it."""
    import stage as acting
    from kolbench.store.connect import Store

    path = tmp_path_factory.mktemp("stage") / "stage.db"
    with pytest.MonkeyPatch.context() as patch:
        acting.at_noon(patch)
        store = Store.open(path)
        acting.fill(store)
        store.close()
    return path


@pytest.fixture
def stage(staged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """An app to act in, on a copy of that store, at a fixed time and without waiting."""
    import stage as acting

    shutil.copy(staged, tmp_path / "kolbench.db")
    yield from acting.set_up(tmp_path, monkeypatch)


@pytest.fixture
def alike(stage: Stage) -> Stage:
    """The same with people who may be one."""
    import stage as acting

    acting.add_alike(stage.store)
    return stage


@pytest.fixture
def empty_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The same on a store with nothing in it."""
    import stage as acting

    yield from acting.set_up(tmp_path, monkeypatch)
