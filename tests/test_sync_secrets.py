"""Where secrets come from, and every place in which they must not appear."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolbench.adapters.protocol import Setting
from kolbench.domain.errors import UsageError
from kolbench.store.sources import Source
from kolbench.sync.secrets import HIDDEN, Redactor, resolve, variable

TOKEN = Setting("token", "an API token", required=True, secret=True)
OPTIONAL = Setting("token", "an API token", secret=True)
SOURCE = Source(1, "my-source", "scripted", "scripted", {"region": "cn"})


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("KOLBENCH_MY_SOURCE_TOKEN", raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)  # as if not installed
    return tmp_path / "data" / "k.db"


def keep(path: Path, text: str, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def beside(store: Path, text: str, mode: int = 0o600) -> Path:
    return keep(store.parent / "secrets.toml", text, mode)


def token(store: Path, setting: Setting = TOKEN, source: Source = SOURCE) -> str | None:
    return resolve(source, [setting], store).get("token")


def test_the_environment_comes_before_the_file(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside(store, '[my-source]\ntoken = "from the file"')
    assert token(store) == "from the file"
    monkeypatch.setenv("KOLBENCH_MY_SOURCE_TOKEN", "from the environment")
    assert token(store) == "from the environment"


def test_the_file_may_lie_in_the_configuration_folder(store: Path, tmp_path: Path) -> None:
    keep(tmp_path / "config" / "kolbench" / "secrets.toml", '[my-source]\ntoken = "here"')
    assert token(store) == "here"


def test_the_variable_of_any_source_is_one_a_shell_can_set() -> None:
    assert variable("my-source.2", "api key") == "KOLBENCH_MY_SOURCE_2_API_KEY"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_file_that_others_can_read_is_refused_with_the_cure(store: Path, mode: int) -> None:
    path = beside(store, '[my-source]\ntoken = "x"', mode)
    with pytest.raises(UsageError, match=f"chmod 600 {path}"):
        token(store)


@pytest.mark.parametrize("text", ['token = "sesame', "[my-source]\ntoken = sesame", "\udcff"])
def test_a_broken_file_is_refused_without_quoting_it(store: Path, text: str) -> None:
    path = beside(store, "")
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match="not a TOML file") as caught:
        token(store)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("text", ['[other]\ntoken = "x"', ""])
def test_a_required_secret_that_is_nowhere_is_asked_for_by_name_and_place(store: Path, text: str) -> None:
    beside(store, text)
    with pytest.raises(UsageError, match=r"KOLBENCH_MY_SOURCE_TOKEN.*secrets\.toml.*\[my-source\]"):
        token(store)


def test_an_optional_secret_may_be_missing(store: Path) -> None:
    assert token(store, OPTIONAL) is None


def test_a_secret_kept_in_the_store_is_not_handed_on(store: Path) -> None:
    leaky = Source(1, "my-source", "scripted", "scripted", {"token": "in the store"})
    assert token(store, OPTIONAL, leaky) is None


def test_a_missing_plain_setting_is_named_and_a_default_stands_in(store: Path) -> None:
    with pytest.raises(UsageError, match="needs the setting 'room'"):
        resolve(SOURCE, [Setting("room", "which room", required=True)], store)
    settings = resolve(SOURCE, [Setting("room", "which room", default="lobby")], store)
    assert dict(settings) == {"region": "cn", "room": "lobby"}


def test_the_keyring_is_asked_last_and_may_have_no_backend(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = ModuleType("keyring")
    kept = {("kolbench:my-source", "token"): "from the keyring"}
    keyring.get_password = lambda service, name: kept.get((service, name))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    assert token(store) == "from the keyring"

    def no_backend(service: str, name: str) -> None:
        raise LookupError("no backend")

    keyring.get_password = no_backend  # type: ignore[attr-defined]
    assert token(store, OPTIONAL) is None


def test_settings_print_without_their_values(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOLBENCH_MY_SOURCE_TOKEN", "sesame")
    settings = resolve(SOURCE, [TOKEN], store)
    assert settings.redact("open sesame") == f"open {HIDDEN}"
    assert "sesame" not in f"{settings} {settings!r} {settings.redact!r}"


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=0x24F), min_size=4),
    st.text(max_size=50),
    st.text(max_size=50),
)
def test_no_form_of_a_secret_survives_redaction(secret: str, before: str, after: str) -> None:
    redact = Redactor([secret])
    from urllib.parse import quote

    for form in (secret, quote(secret), quote(secret, safe="")):
        shown = redact(f"{before}{form}{after}")
        assert form not in shown.replace(HIDDEN, "\0")


def test_a_secret_split_by_invisible_characters_is_found_all_the_same() -> None:
    assert "sesame" not in Redactor(["sesame"])("ses\u200bame and \x1b[31mse\x1b[0msame")


def test_what_is_shown_has_no_control_characters_and_an_end() -> None:
    shown = Redactor()("\x1b]0;title\x07" + "x" * 10_000)
    assert shown.isprintable()
    assert len(shown) <= 500


@pytest.mark.parametrize("text", ["[tea]\ntoken = 12\n", "tea = 5\n", "tea = 'x'\n", "[[tea]]\ntoken = 'x'\n"])
def test_a_secret_that_is_no_text_is_named_without_its_value(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(text)
    path.chmod(0o600)
    source = Source(1, "tea", "matrix", "matrix", {})
    with pytest.raises(UsageError, match=r"secrets\.toml: write token as text in quotes, under \[tea\]"):
        resolve(source, (Setting("token", "a token", secret=True),), tmp_path / "kolbench.db")
