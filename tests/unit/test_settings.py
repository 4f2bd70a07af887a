"""What a person writes in an inventory is checked before anything is done, and kindly."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from roles import settings
from roles.settings import SettingError, setting
from roles.upstream.table import upstreams

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Sample:
    sample_release: str = setting("6.4.3", "A release.", ("6.4.3", "7.0.2"))
    sample_count: int = setting(3, "A number.")
    sample_names: dict[str, str] = setting({}, "Names.")
    sample_tables: list[dict[str, object]] = setting([], "Tables.")


def test_what_is_not_said_has_its_default() -> None:
    assert settings.read(Sample, {}) == Sample("6.4.3", 3, {}, [])


def test_what_is_said_is_taken_and_foreign_names_are_left_alone() -> None:
    assert settings.read(Sample, {"sample_count": 5, "ssh_user": "me"}).sample_count == 5


@pytest.mark.parametrize("value", ["5", True, 5.0, None])
def test_a_value_of_another_type_is_refused_with_an_example(value: object) -> None:
    with pytest.raises(SettingError, match=r"sample_count.*not int.*sample_count = 3"):
        settings.read(Sample, {"sample_count": value})


def test_a_choice_that_is_none_says_which_there_are_and_which_was_meant() -> None:
    with pytest.raises(SettingError, match=r"'6.4.3', '7.0.2'. Did you mean '6.4.3'"):
        settings.read(Sample, {"sample_release": "6.4.4"})


def test_a_wrong_type_inside_a_table_is_refused() -> None:
    with pytest.raises(SettingError, match="throughout"):
        settings.read(Sample, {"sample_names": {"a": 1}})


def test_a_list_of_tables_takes_tables_alone() -> None:
    tables = [{"name": "a", "parallel": 2}]
    assert settings.read(Sample, {"sample_tables": tables}).sample_tables == tables
    with pytest.raises(SettingError, match="throughout"):
        settings.read(Sample, {"sample_tables": ["a"]})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("preflight_fre_gib", "preflight_free_gib"),
        ("preflite_accept", "preflight_accept"),
        ("gpu_usr", "gpu_user"),
        ("upstream_adresses", "upstream_addresses"),
    ],
)
def test_a_mistyped_name_is_an_error_with_a_suggestion(typed: str, meant: str) -> None:
    with pytest.raises(SettingError, match=f"no setting '{typed}'. Did you mean '{meant}'"):
        settings.check({typed: 1})


def test_a_key_that_is_no_finding_and_a_number_that_is_too_small_are_refused() -> None:
    with pytest.raises(SettingError, match=r"'relase' is none of .*Did you mean 'release'"):
        settings.check({"preflight_accept": {"relase": "why"}})
    with pytest.raises(SettingError, match="preflight_free_gib = -5 is less than 0"):
        settings.check({"preflight_free_gib": -5})


def test_names_that_are_pyinfras_or_the_users_own_pass() -> None:
    settings.check({"ssh_user": "me", "_sudo": True, "rack": 4, "site": "attic"})


def test_an_upstream_that_does_not_exist_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(SettingError, match="amd-rocm"):
        upstreams({"amd_rocm": "http://mirror.example"})


def test_an_upstream_without_http_is_refused() -> None:
    with pytest.raises(SettingError, match="no http"):
        upstreams({"amd-rocm": "mirror.example"})


def test_an_upstream_of_the_inventory_takes_the_place_of_the_tables() -> None:
    (one,) = [u for u in upstreams({"amd-rocm": "http://m.example/r/"}) if u.name == "amd-rocm"]
    assert one.probe_url == "http://m.example/r/rocm.gpg.key"


def test_the_documentation_of_the_settings_is_the_codes_own() -> None:
    assert settings.table() in (ROOT / "docs/settings.md").read_text()
