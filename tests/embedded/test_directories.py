import os
from pathlib import Path

import pytest

from exchange.embedded.directories import (
    LONGEST_RUNTIME_PATH_BYTES,
    claim_data_directory,
    claim_private_directory,
    runtime_directory,
)
from exchange.embedded.errors import StartRefused

ME = os.geteuid()


def test_private_directory_is_made_with_mode_700_and_accepted_again(place: Path) -> None:
    for _ in range(2):
        claimed = claim_private_directory(place / "sockets", ME)
        assert claimed.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o707, 0o600])
def test_directory_open_to_others_is_refused(place: Path, mode: int) -> None:
    (place / "sockets").mkdir()
    (place / "sockets").chmod(mode)
    with pytest.raises(StartRefused, match="n’est pas réservé"):
        claim_private_directory(place / "sockets", ME)


def test_directory_of_someone_else_is_refused(place: Path) -> None:
    (place / "sockets").mkdir(mode=0o700)
    with pytest.raises(StartRefused, match="n’est pas réservé"):
        claim_private_directory(place / "sockets", ME + 1)


def test_link_planted_in_place_of_the_directory_is_refused(place: Path) -> None:
    (place / "elsewhere").mkdir(mode=0o700)
    (place / "sockets").symlink_to(place / "elsewhere")
    with pytest.raises(StartRefused, match="n’est pas réservé"):
        claim_private_directory(place / "sockets", ME)


def test_sockets_stay_short_when_the_temporary_directory_is_long(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = place / ("x" * 100)
    long.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    directory = runtime_directory(place)
    try:
        assert len(os.fsencode(directory)) <= LONGEST_RUNTIME_PATH_BYTES
        assert directory == runtime_directory(place), "two starts on the same data meet in the same place"
        assert directory != runtime_directory(long), "other data, other sockets"
    finally:
        directory.rmdir()
        runtime_directory(long).rmdir()


def test_data_directory_that_is_a_file_is_refused_in_one_sentence(place: Path) -> None:
    (place / "var").write_text("")
    with pytest.raises(StartRefused, match="Impossible d’utiliser le dossier"):
        claim_data_directory(place / "var")
