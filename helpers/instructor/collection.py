"""How nbgrader collects what students handed in: files, or the zip of a learning platform, as it comes.

Who or what cannot be told is named with the remedy and left out, and the others go on.
"""
import codecs
import contextlib
import itertools
import re
import shutil
import tarfile
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Set
from functools import cached_property, partial
from pathlib import Path
from typing import IO

import nbformat
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin

_PACKED = re.compile(r"\.(?:zip|tar|tgz|tar\.(?:gz|bz2|xz))$", re.IGNORECASE)
_ELSE_PACKED = re.compile(r"\.(?:rar|7z|gz|bz2|xz|zst)$", re.IGNORECASE)
_NOTEBOOK = re.compile(r"\.ipynb(?:\.txt|\.json)?$", re.IGNORECASE)  # browsers and systems add to the ending
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}  # of Windows
_DEEPEST = 30  # folders above a file; whoever walks through hundreds, as Python does, ends in an error
_LARGEST = 200_000_000  # bytes of a notebook: a small zip can hold one that takes all memory to read
_LAYERS = 9  # how deep zips may lie in zips; a small one can hold itself without an end
_PATTERNS = str.maketrans("[]*?", "()--")  # nbgrader finds no such name
_HIDDEN = (".*", "__MACOSX")  # what systems and Jupyter put beside a student's files
_NOBODY = re.compile(  # what platforms and students call folders and copies: words that are nobody's name
    r"(?:[\W\d_]*(?:(?:assignment|attachment|file|notebook|submission|version)(?:s|\(s\))?|final|late|submitted"
    r"|copy of|copi[ae] de|kopie van|kopie von))+[\W\d_]*",
    re.IGNORECASE,
)
_PLATFORMS = [  # how learning platforms write a student's name, the one that a folder of a student's resembles last
    re.compile(r"(.+?)_\d+_assignsubmission_.*", re.DOTALL),  # Moodle
    re.compile(r"(?:assignment_\d\d|[^_]+)_(.+)_attempt_\d{4}-[\d-]+.*"),  # Blackboard
    re.compile(r"\d+-\d+ - (.+?) - .+"),  # Brightspace
    re.compile(r"(.+?)(?:_LATE)?_\d+_(?:\d+|(?!20\d\d_)\d{4,}_.+)"),  # Canvas, also with a zip's own name
]
_NUMBERED = re.compile(r"_(\d+)_assignsubmission_")  # by Moodle, for each student


class Unpack(ExtractorPlugin):
    """Unpacks what was handed in, also zips in zips, and leaves out what systems hide beside it."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Copy the files of one folder to another and unpack them there; one that is broken is named and stays out."""
        place = Path(extracted_path)
        shutil.copytree(archive_path, place, symlinks=True, dirs_exist_ok=True)
        for layer in itertools.count(1):
            if not (packed := self._find_packed(place)):
                break
            for file in packed:
                try:
                    _require_room(file)
                    for words in _unpack(file, layer):
                        self.log.error("%s.", words)
                except Exception as error:  # whatever is wrong with it, the others go on
                    name = file.relative_to(place)
                    self.log.error("%s is left out, as it cannot be unpacked (%s): ask for it again.", name, error)
                file.unlink()
        self._see_to_endings(place)

    def _see_to_endings(self, place: Path) -> None:
        """Give notebooks the ending and the beginning that nbgrader reads, and name files that cannot be unpacked."""
        for file in [path for path in place.rglob("*") if path.is_file()]:
            if _ELSE_PACKED.search(file.name):
                words = "%s is left out, as only zip and tar files are unpacked: ask for the notebook itself."
                self.log.error(words, file.relative_to(place))
            elif _NOTEBOOK.search(file.name):
                named = file.with_name(_NOTEBOOK.sub(".ipynb", file.name))
                if named != file:
                    file = file.rename(_find_free(named) if named.name.lower() != file.name.lower() else named)
                content = file.read_bytes() if file.stat().st_size <= _LARGEST else b""
                if encoding := next((name for mark, name in _MARKS.items() if content.startswith(mark)), None):
                    with contextlib.suppress(UnicodeError):  # what is cut off is named where it is read
                        file.write_bytes(content.decode(encoding).encode())

    def _find_packed(self, folder: Path) -> list[Path]:
        """Remove links and what is hidden from a folder, and return the files that are to be unpacked."""
        for link in [path for path in folder.rglob("*") if path.is_symlink()]:
            self.log.error("%s is left out, as it is a link: ask for the file itself.", link.relative_to(folder))
            link.unlink()
        for path in [path for pattern in _HIDDEN for path in folder.rglob(pattern)]:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        return [path for path in folder.rglob("*") if path.is_file() and _PACKED.search(path.name)]


def _require_room(file: Path) -> None:
    """Raise ValueError where a file would unpack to half of what is free on the disk, as small ones made for it can."""
    if file.suffix.lower() == ".zip":
        with zipfile.ZipFile(file) as opened:
            size = sum(entry.file_size for entry in opened.infolist())
    else:
        with tarfile.open(file) as packed:
            size = sum(entry.size for entry in packed)
    if size > shutil.disk_usage(file.parent).free / 2:
        raise ValueError(f"it would fill the disk with {size / 1e9:.1f} GB")


def _unpack(file: Path, layer: int) -> Iterator[str]:
    """Unpack a file beside it, into a folder of its name, and yield what is left out.

    Only files are taken: links may have no end.
    """
    if layer > _LAYERS:
        raise ValueError(f"it lies in more than {_LAYERS} others")
    folder = _find_free(file.with_name(_PACKED.sub("", file.name)))
    if file.suffix.lower() == ".zip":
        with zipfile.ZipFile(file) as packed:
            entries = [entry for entry in packed.infolist() if not entry.filename.endswith("/")]  # a name can be empty
            if entries and all(entry.flag_bits & 1 for entry in entries):
                raise ValueError("it has a password")
            yield from _write_each(folder, ((_read_name(entry), partial(packed.open, entry)) for entry in entries))
        return
    with tarfile.open(file) as packed:
        entries = filter(tarfile.TarInfo.isfile, packed.getmembers())
        yield from _write_each(folder, ((entry.name, partial(packed.extractfile, entry)) for entry in entries))


def _read_name(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name, also where a Mac wrote it in UTF-8 and did not say so."""
    if not entry.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            return entry.filename.encode("cp437").decode()
    return entry.filename


def _find_free(path: Path) -> Path:
    """Return a path at which nothing lies: this one, or one with a number."""
    numbered = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in itertools.count(2))
    return path if not path.exists() else next(other for other in numbered if not other.exists())


def _write_plainly(name: str) -> str:
    """Return a name with spaces for what a terminal obeys or no encoding can write, such as half a character."""
    return "".join(letter if letter.isprintable() else " " for letter in name)


def _write_each(folder: Path, entries: Iterable[tuple[str, Callable[[], IO[bytes]]]]) -> Iterator[str]:
    """Write files into a folder, none over another, and yield in words which cannot be written, and why.

    The deepest come first: a file that has the name of a folder takes another one, and not the folder's place.
    """
    for name, read in sorted(entries, key=lambda entry: -len(re.findall(r"[/\\]", entry[0]))):
        written = None
        try:
            target = folder / _write_plainly(name.replace("\\", "/"))
            if not target.resolve().is_relative_to(folder.resolve()):
                raise ValueError("it would lie elsewhere")
            if target.resolve() == folder.resolve():
                raise ValueError("it has no name")
            if len(target.relative_to(folder).parts) > _DEEPEST:
                raise ValueError(f"it lies in more than {_DEEPEST} folders")
            target.parent.mkdir(parents=True, exist_ok=True)
            with read() as source, (written := _find_free(target)).open("xb") as copy:
                shutil.copyfileobj(source, copy)
        except Exception as error:  # damaged, with a password, a name that no file can have: the others go on
            if written:
                written.unlink(missing_ok=True)
            yield f"{name!r} of {folder.name} is left out ({error}): ask for it again"


def _is_whole(file: Path) -> bool:
    """Return whether nbgrader will be able to read and write a file as a notebook: not cut off, and nothing else."""
    try:
        notebook = nbformat.read(file, as_version=4)
        nbformat.validate(notebook)
        nbformat.writes(notebook).encode()
    except Exception:  # what a student hands in may be anything
        return False
    return True


class Collector(FileNameCollectorPlugin):
    """Tells whose a file is, by its name and its folders."""

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Return the student and the notebook of a file, or nothing where the file is left out."""
        name = self._students.get(Path(submitted_file))
        return name and {"student_id": name, "file_id": f"assignment_{self.parent.coursedir.assignment_id}"}

    @cached_property
    def _students(self) -> dict[Path, str]:
        """Return the student of each file that is collected, and log each that is not, with the reason."""
        number = self.parent.coursedir.assignment_id
        place = Path(self.parent.coursedir.root, self.parent.downloaded_directory, number, "extracted")
        pattern = re.compile(rf"(.*?)[ _-]*assignment_{number}(?!\d)(?!.*_attempt_\d{{4}}-).*")
        files: dict[str, list[Path]] = {}
        for file, name in _find_students(self._find_named(place, pattern), pattern).items():
            if not name:
                words = "%s is left out, as nothing says whose it is: put it into a folder of that name."
                self.log.error(words, file)
            elif self._require_whole(place / file, place):
                files.setdefault(name, []).append(place / file)
        for name, several in list(files.items()):
            numbered = [_NUMBERED.search(str(file.relative_to(place))) for file in several]
            if all(numbered) and len({number[1] for number in numbered}) == len(several) > 1:
                del files[name]  # several students have one name, or none, where Moodle hides names
                files |= {f"{name}_{number[1]}": [file] for file, number in zip(several, numbered)}
            elif len(several) > 1:
                named = ", ".join(str(file.relative_to(place)) for file in several)
                self.log.error(
                    "%s is left out, as %d files have this name: %s. Keep one of them in %s, or, where they are of "
                    "several students, rename them; then collect with --force.",
                    name, len(several), named, place.with_name("archive"),
                )  # fmt: skip
        return {several[0]: name for name, several in files.items() if len(several) == 1}

    def _require_whole(self, file: Path, place: Path) -> bool:
        """Return whether a file is a whole notebook of a size that can be read, and log one that is not."""
        if (size := file.stat().st_size) > _LARGEST:
            words = "%s is left out, as it has %.0f MB: ask for it again, with its outputs cleared."
            self.log.error(words, file.relative_to(place), size / 1e6)
            return False
        if not (whole := _is_whole(file)):
            words = "%s is left out, as it is no notebook, or not a whole one: ask for it again."
            self.log.error(words, file.relative_to(place))
        return whole

    def _find_named(self, place: Path, pattern: re.Pattern) -> list[Path]:
        """Return the notebooks whose names are the assignment's, as seen from a folder, and log the others."""
        files = [file.relative_to(place) for file in sorted(filter(Path.is_file, place.rglob("*.ipynb")))]
        for file in files:
            if not pattern.fullmatch(file.name):
                number = self.parent.coursedir.assignment_id
                self.log.error("%s is left out, as its name lacks assignment_%s: rename it if it is one.", file, number)
        return [file for file in files if pattern.fullmatch(file.name)]


def _find_students(files: list[Path], pattern: re.Pattern) -> dict[Path, str]:
    """Return the student of each file, an empty name where nothing says whose it is.

    A folder that holds one file is one student's; one that holds all files is the class's.
    """
    inside = Counter(folder for file in files for folder in file.parents)
    own = {folder for folder, count in inside.items() if count == 1}
    shared = {folder for folder, count in inside.items() if count == len(files) > 1}
    return {file: _find_student(_read_names(file, pattern), own, shared) for file in files}


def _read_names(file: Path, pattern: re.Pattern) -> dict[Path, str]:
    """Return what a file's folders, the outermost first, and it are called, where that can be somebody's name."""
    told = {path: pattern.sub(r"\1", path.name) for path in (*reversed(file.parents), file)}
    return {path: name for path, name in told.items() if name and not _NOBODY.fullmatch(name)}


def _find_student(names: dict[Path, str], own: Set[Path], shared: Set[Path]) -> str:
    """Return the student that names tell: as a platform writes it, else by a folder, else before the assignment.

    What lies outside is the platform's, what lies within is the student's.
    """
    for path in sorted(names, key=shared.__contains__):
        if written := next(filter(None, (platform.fullmatch(names[path]) for platform in _PLATFORMS)), None):
            return _write_name(written[1])
    left = {path: name for path, name in names.items() if path not in shared}
    innermost = next(reversed(left.values()), "")
    return _write_name(next((name for path, name in left.items() if path in own), innermost))


def _write_name(name: str) -> str:
    """Return a name as it stands in folders of nbgrader and in grades.csv.

    It is the same however a system composes letters, has nothing that nbgrader takes for a pattern, and begins with an
    apostrophe where a spreadsheet would see a formula. It is empty where it names a folder above, or nobody.
    """
    name = _write_plainly(unicodedata.normalize("NFC", name).translate(_PATTERNS))
    if not name.strip(". "):
        return ""
    return f"'{name}" if name.startswith(("=", "+", "-", "@")) else name
