"""Updates: a student's work comes along, in real repositories and from zips, and nothing is lost."""
import datetime
import json
import os
import shutil
import socket
import subprocess
import threading
import zipfile

import pytest

from helpers.paths import ROOT
from helpers.setup import course_files, notebook_cells, update
from helpers.setup.environment import SetupError
from support.copies import call, tiny
from support.small_course import (
    FIRST,
    MERGED,
    NEW,
    OLD,
    SECOND,
    Student,
    calm_git,
    cell,
    lay,
    notebook,
    stand_in,
    written,
    zipped,
)

TODAY = datetime.date.today().isoformat()
EMPTY = json.dumps({"cells": [], "metadata": {}, "nbformat": 4})


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Return the file of git's settings."""
    return calm_git(tmp_path, monkeypatch)


@pytest.fixture
def student(tmp_path, monkeypatch, settings):
    """Return a student with a clone of the old edition, in a folder with a space and an accent."""
    teacher = lay(tmp_path / "teacher", OLD)
    made = Student(tmp_path / "cours d'été", teacher)
    made.git("init", "--quiet", folder=teacher)
    made.publish(OLD)
    made.git("clone", "--quiet", str(teacher), str(made.folder), folder=tmp_path)
    return stand_in(made, monkeypatch)


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """Return a student with files alone, as a zip holds them."""
    return stand_in(Student(lay(tmp_path / "cours d'été", OLD)), monkeypatch)


def test_answers_and_own_cells_come_along_into_a_renumbered_notebook(student, capsys):
    """Deleted cells come back, outputs and changed cells are the course's, and each is said; the copy has it all."""
    student.work()
    before, newest = student.cells(FIRST), student.publish(NEW)
    update.main(None, None)
    assert student.sources(SECOND) == MERGED
    assert not (student.folder / f"notebooks/{FIRST}.ipynb").exists()
    answer = student.cells(SECOND)[3]
    assert answer["outputs"] == [] and answer["metadata"] == {"exercise": "6.1"} and answer["id"] == "ask1"
    assert {f"{TODAY}/{FIRST}.ipynb": written(notebook(*before))} == student.kept()
    assert student.git("rev-parse", "HEAD").strip() == newest
    assert student.git("status", "--short").split() == ["M", f"notebooks/{SECOND}.ipynb"]
    said = capsys.readouterr().out
    assert f"{SECOND}.ipynb: kept your answers to 6.1 and 3 of your own cells." in said
    assert f"{SECOND}.ipynb: a cell that you had changed is the course's again: old = 1  # changed" in said
    assert str(student.folder / "notebooks" / "kept" / TODAY) in said


def test_what_stands_beside_the_course_is_never_touched(student):
    """Homework, copies of notebooks and data stay as they are; what the course left as it was does, too."""
    ours = {"notebooks/02_homework.ipynb": "no JSON", "data/mine.csv": "1", "notebooks/05_registry-Copy1.ipynb": "{}"}
    student.save("01_calm", [cell("calm", "1 + 1", outputs=[{"output_type": "error"}]), cell("own", "2")])
    calm = written(notebook(*student.cells("01_calm")))
    lay(student.folder, {**OLD, **ours, "notebooks/01_calm.ipynb": calm, "helpers/still.py": "STILL = 2\n"})
    student.publish(NEW)
    update.main(None, None)
    want = {**NEW, **ours, "notebooks/01_calm.ipynb": calm, "helpers/still.py": "STILL = 2\n"}
    assert student.files() == {name: text.encode() for name, text in want.items()}


def test_other_files_that_a_student_changed_are_put_aside_and_named(student, capsys):
    """The course's version is there then, also where the student has made a file that the course has come to use."""
    lay(student.folder, {**OLD, "README.md": "mine", f"notebooks/{SECOND}.ipynb": written(notebook(cell("a", "a")))})
    student.publish(NEW)
    update.main(None, None)
    said = capsys.readouterr().out
    for name, place in (("README.md", "README.md"), (f"notebooks/{SECOND}.ipynb", f"{SECOND}.ipynb")):
        assert f"{name} was yours or changed by you: the course's is there now." in said
        assert f"{TODAY}/{place}" in student.kept()
    assert student.kept()[f"{TODAY}/README.md"] == "mine"
    assert student.files() == {name: text.encode() for name, text in NEW.items()}


def test_copies_never_replace_earlier_ones_and_a_second_update_changes_nothing(student, capsys):
    """Three updates on one day: two folders of copies, and the third has nothing to do."""
    student.work()
    student.publish(NEW)
    update.main(None, None)
    student.publish({**NEW, f"notebooks/{SECOND}.ipynb": NEW[f"notebooks/{SECOND}.ipynb"].replace("new", "newer")})
    update.main(None, None)
    assert student.sources(SECOND) == [text.replace("new", "newer") for text in MERGED]
    assert sorted(student.kept()) == [f"{TODAY}-2/{SECOND}.ipynb", f"{TODAY}/{FIRST}.ipynb"]
    before = student.files()
    capsys.readouterr()
    update.main(None, None)
    assert capsys.readouterr().out.endswith("...\nEverything was up to date already.\n")
    assert student.files() == before and len(student.kept()) == 2


def test_the_record_of_right_answers_is_renumbered_once(student):
    """5.1 is 6.1 now; a second update does not move it on."""
    lay(student.folder, {**OLD, "workspace/exercises.txt": "5.1\n1.1\n"})
    student.publish(NEW)
    update.main(None, None)
    update.main(None, None)
    assert (student.folder / "workspace/exercises.txt").read_text() == "6.1\n1.1\n"


@pytest.mark.parametrize("written", ["5.1\n1.1\n".encode("utf-16"), b"5.1\n\xff1.1\n"])
def test_a_record_in_another_encoding_is_renumbered(student, written):
    """An editor or a shell of Windows may have saved it."""
    (student.folder / "workspace").mkdir()
    (student.folder / "workspace/exercises.txt").write_bytes(written)
    student.publish(NEW)
    update.main(None, None)
    assert (student.folder / "workspace/exercises.txt").read_text() == "6.1\n1.1\n"


def test_a_folder_in_the_place_of_the_record_keeps_nobody_from_the_update(student):
    """It stays, and all else is done."""
    (student.folder / "workspace/exercises.txt").mkdir(parents=True)
    student.publish(NEW)
    update.main(None, None)
    assert student.sources(SECOND)[0] == "import new" and (student.folder / "workspace/exercises.txt").is_dir()


def test_an_instructor_is_told_what_becomes_of_assignments(student, capsys):
    """Those that were handed out have the checks and numbers of the earlier course."""
    (student.folder / "grading" / "source").mkdir(parents=True)
    student.publish(NEW)
    update.main(None, None)
    assert "Assignments in `grading` are of the earlier course" in capsys.readouterr().out


def test_commits_of_a_student_stay_in_the_history(student, capsys):
    """They are joined with the course's: a committed file stays committed, answers come along, the next update too."""
    student.work()
    lay(student.folder, {**OLD, f"notebooks/{FIRST}.ipynb": written(notebook(*student.cells(FIRST))), "own.py": "1"})
    mine, newest = student.commit(), student.publish(NEW)
    update.main(None, None)
    assert "Your commits and those of the course are joined" in capsys.readouterr().out
    for one in (mine, newest):
        student.git("merge-base", "--is-ancestor", one, "HEAD")
    assert student.git("show", "HEAD:own.py") == "1"
    assert student.git("status", "--short").split() == ["M", f"notebooks/{SECOND}.ipynb"]
    assert student.sources(SECOND) == MERGED
    update.main(None, None)
    newest = student.publish({**NEW, "README.md": "Newer"})
    update.main(None, None)
    student.git("merge-base", "--is-ancestor", newest, "HEAD")
    assert student.sources(SECOND) == MERGED and (student.folder / "README.md").read_text() == "Newer"


def test_where_git_knows_no_name_the_update_is_joined_all_the_same(student, settings, capsys):
    """A machine that was just set up has the student's commits and no identity: what was done is said."""
    student.work()
    mine = student.commit()
    settings.write_text("[user]\nuseConfigOnly = true\n")
    with pytest.MonkeyPatch.context() as patch:
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "Teacher")
            patch.setenv(f"GIT_{who}_EMAIL", "teacher@example.invalid")
        newest = student.publish(NEW)
    update.main(None, None)
    assert student.git("rev-parse", "HEAD^1", "HEAD^2").split() == [mine, newest]
    said = capsys.readouterr().out
    assert "kept your answers to 6.1" in said and "joined by a new one" in said


def test_history_that_the_course_rewrote_is_no_work_of_the_student(student):
    """After a forced push the old commits do not count as the student's: the branch is the course's."""
    name = f"notebooks/{FIRST}.ipynb"
    student.publish({**OLD, name: written(notebook(cell("dropped", "dropped"), *student.cells(FIRST)))})
    student.git("pull", "--quiet")
    student.save(FIRST, student.cells(FIRST)[1:])
    student.work()
    student.save(FIRST, [cell("dropped", "dropped"), *student.cells(FIRST)])
    newest = student.publish(NEW, "--amend")
    update.main(None, None)
    assert student.git("rev-parse", "HEAD").strip() == newest
    assert student.sources(SECOND) == MERGED


@pytest.mark.parametrize("how", [["checkout", "--detach"], ["switch", "--create", "mine"]])
def test_without_a_branch_that_follows_another_the_course_is_found(student, how):
    """On no branch, or on one of the student's own, what the clone comes from is the course."""
    student.git(*how, "--quiet")
    student.work()
    newest = student.publish(NEW)
    update.main(None, None)
    assert student.git("rev-parse", "HEAD").strip() == newest
    assert student.sources(SECOND) == MERGED


def test_a_clone_of_a_tag_alone_is_restored_and_updated(student, monkeypatch):
    """It knows no branch: the tag is the original, also after a commit, and the course's main branch the newest."""
    monkeypatch.setattr(update, "COURSE", {"05": FIRST})
    student.git("tag", "v1", folder=student.teacher)
    shutil.rmtree(student.folder)
    source = ["--branch", "v1", student.teacher.as_uri(), str(student.folder)]
    student.git("clone", "--quiet", "--depth", "1", *source, folder=student.teacher.parent)
    student.work()
    student.commit()
    mine = student.files()[f"notebooks/{FIRST}.ipynb"]
    update.restore("05", None)
    assert student.files()[f"notebooks/{FIRST}.ipynb"] == OLD[f"notebooks/{FIRST}.ipynb"].encode()
    (student.folder / f"notebooks/{FIRST}.ipynb").write_bytes(mine)
    for word in ("new", "newer"):
        text = NEW[f"notebooks/{SECOND}.ipynb"].replace("new", word)
        newest = student.publish({**NEW, f"notebooks/{SECOND}.ipynb": text})
        update.main(None, None)
        assert student.sources(SECOND) == [text.replace("new", word) for text in MERGED]
        assert newest in student.git("rev-list", "HEAD").split()


def fork(student: Student) -> None:
    """Let origin be the student's own fork, to which they push, and upstream the course."""
    student.git("clone", "--quiet", "--bare", str(student.teacher), str(student.folder.with_name("fork")))
    student.git("remote", "rename", "origin", "upstream")
    student.git("remote", "add", "origin", str(student.folder.with_name("fork")))


@pytest.mark.parametrize("place", ["a branch", "a fork", "a local branch"])
def test_commits_that_a_student_pushed_are_not_taken_for_the_course(student, place, monkeypatch):
    """A branch of one's own at the same place, one's own fork, and a branch that follows one in the same clone."""
    monkeypatch.setattr(update, "COURSE", {"05": FIRST})
    if place == "a fork":
        fork(student)
    else:
        student.git("switch", "--quiet", "--create", "mine", *["--track", "main"] * (place == "a local branch"))
    student.work()
    mine = student.commit()
    if place != "a local branch":
        student.git("push", "--quiet", "--set-upstream", "origin", "HEAD")
    update.restore("05", None)
    assert student.files()[f"notebooks/{FIRST}.ipynb"].decode() == OLD[f"notebooks/{FIRST}.ipynb"]
    student.git("checkout", "--quiet", "--", "notebooks")
    newest = student.publish(NEW)
    update.main(None, None)
    assert student.sources(SECOND) == MERGED
    assert student.git("rev-parse", "HEAD^1", "HEAD^2").split() == [mine, newest]


def test_the_first_push_to_a_fork_tells_the_course_from_the_answers(student, tmp_path, monkeypatch):
    """Where all that git knows is the student's own repository; a zip of the course then brings answers along."""
    monkeypatch.setattr(update, "COURSE", {"05": FIRST})
    student.work()
    mine = student.files()[f"notebooks/{FIRST}.ipynb"].decode()
    student.commit()
    student.git("config", "receive.denyCurrentBranch", "ignore", folder=student.teacher)
    student.git("push", "--quiet", "origin", "HEAD:main")
    update.restore("05", None)
    assert student.files()[f"notebooks/{FIRST}.ipynb"].decode() == OLD[f"notebooks/{FIRST}.ipynb"]
    lay(student.folder, {f"notebooks/{FIRST}.ipynb": mine})
    update.main(zipped(tmp_path / "new.zip", NEW), None)
    assert student.sources(SECOND) == MERGED


def test_answers_are_never_taken_for_the_course(offline, tmp_path, monkeypatch):
    """A folder that was worked in before the first set-up stores nothing; originals with answers are refused."""
    monkeypatch.setattr(update, "COURSE", {"05": FIRST})
    offline.work()
    course_files.store_originals()
    assert not course_files.ORIGINALS.exists()
    course_files.write_originals(offline.files())
    before = offline.files()
    for command, given in ((update.main, zipped(tmp_path / "new.zip", NEW)), (update.restore, "05")):
        with pytest.raises(SetupError, match=f"has answers in notebooks/{FIRST}.ipynb: add --was"):
            command(given, None)
    assert offline.files() == before
    update.main(tmp_path / "new.zip", zipped(tmp_path / "old.zip", OLD))
    assert offline.sources(SECOND) == MERGED


def test_a_file_in_the_place_of_a_folder_is_named_before_anything_changes(offline, tmp_path):
    """A new edition brings a folder where the student keeps a file."""
    course_files.store_originals()
    (offline.folder / "exam").write_text("my notes")
    before = offline.files()
    with pytest.raises(SetupError, match="exam is a file, and the course has a folder there: move it elsewhere"):
        update.main(zipped(tmp_path / "new.zip", {**NEW, "exam/task.md": "new"}), None)
    assert offline.files() == before and offline.kept() == {}


def refused(student: Student, *words: str) -> None:
    """Check that an update ends with these words, and changes nothing."""
    before, head = student.files(), student.git("rev-parse", "HEAD")
    with pytest.raises(SetupError) as error:
        update.main(None, None)
    assert all(word in str(error.value) for word in words), error.value
    assert student.files() == before and student.git("rev-parse", "HEAD") == head and student.kept() == {}


def test_what_keeps_from_updating_is_said_and_nothing_is_changed(student, monkeypatch):
    """No network, no place to fetch from, none that the branch follows, a rebase under way, no git."""
    student.work()
    student.publish(NEW)
    away = student.teacher.rename(student.teacher.with_name("away"))
    refused(student, "could not be fetched: git fetch failed: fatal", "Nothing was changed: connect to the network")
    away.rename(student.teacher)
    (student.folder / ".git/rebase-merge").mkdir()
    refused(student, "A rebase is under way", "`git rebase --abort`")
    (student.folder / ".git/rebase-merge").rmdir()
    (student.folder / ".git/index.lock").touch()
    refused(student, "Another git command is at work in this clone", "or delete ", "index.lock, then run")
    (student.folder / ".git/index.lock").unlink()
    student.git("checkout", "--quiet", "--orphan", "alone")
    student.git("commit", "--quiet", "--message", "Alone")
    refused(student, "no commit in common: download", "`python -m helpers update NEWEST.zip --was FIRST.zip`")
    student.git("checkout", "--quiet", "main")
    student.git("branch", "--unset-upstream")
    student.git("remote", "set-head", "origin", "--delete")
    student.git("config", "--unset", "remote.origin.fetch")
    student.git("update-ref", "-d", "refs/remotes/origin/main")
    student.git("branch", "--move", "other", folder=student.teacher)
    refused(student, "`git branch --set-upstream-to=origin/main`")
    student.git("remote", "remove", "origin")
    refused(student, "does not know where it comes from: `git remote add origin ADDRESS`")
    with monkeypatch.context() as patch, pytest.raises(SetupError, match="git is not installed: install it"):
        patch.setenv("PATH", str(student.folder))
        update.main(None, None)


def test_a_network_that_does_not_answer_is_not_waited_for_in_silence(student, capsys):
    """Git can wait for ever, so what is asked for is said before."""
    said = []

    def answer_late(server: socket.socket) -> None:
        caller, _ = server.accept()
        said.append(capsys.readouterr().out)
        caller.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        student.git("remote", "set-url", "origin", f"git://127.0.0.1:{server.getsockname()[1]}/course")
        (waits := threading.Thread(target=answer_late, args=(server,), daemon=True)).start()
        with pytest.raises(SetupError, match="The newest course could not be fetched"):
            update.main(None, None)
        waits.join(60)
    assert said == ["Asking for the newest course ...\n"]


def test_an_interrupted_update_is_finished_by_the_next(student, monkeypatch):
    """Wherever it ends, from the first file written to git's last step, running it again gives the same."""
    student.work()
    student.publish(NEW)
    start = shutil.copytree(student.folder, student.folder.with_name("start"))
    update.main(None, None)
    want = student.files()
    steps, ends = [(update, "_write_part"), (update, "git"), (update.os, "removedirs")], 0
    for place in range(40):
        shutil.rmtree(student.folder)
        shutil.copytree(start, student.folder)
        left = [place]
        with monkeypatch.context() as patch:
            for module, name in steps:
                patch.setattr(module, name, counted(getattr(module, name), left))
            try:
                update.main(None, None)
            except KeyboardInterrupt:
                ends += 1
        update.main(None, None)
        assert student.files() == want and student.sources(SECOND) == MERGED
        assert student.git("status", "--short").split() == ["M", f"notebooks/{SECOND}.ipynb"]
        if left[0] > 0:
            break
    assert ends > 10


def counted(real, left: list[int]):
    """Return a function that does what another does, until it has been called often enough: then Ctrl-C comes."""

    def call_or_end(*arguments, **options):
        left[0] -= 1
        if left[0] == -1:
            raise KeyboardInterrupt
        return real(*arguments, **options)

    return call_or_end


def test_variables_hooks_and_repositories_of_others_are_left_alone(student, settings, tmp_path, monkeypatch):
    """With GIT_DIR elsewhere, a company's hooks and Windows line ends in git's settings, the course is updated."""
    foreign = tmp_path / "foreign"
    student.git("init", "--quiet", str(foreign), folder=tmp_path)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("reference-transaction", "post-index-change", "post-checkout", "pre-commit", "post-merge"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch '{tmp_path / 'ran'}'\nexit 1\n")
        (hooks / name).chmod(0o755)
    student.work()
    newest = student.publish(NEW)
    before = {path: path.stat().st_mtime_ns for path in foreign.rglob("*")}
    with settings.open("a") as file:
        file.write(f"[core]\nhooksPath = {hooks.as_posix()}\nautocrlf = true\n")
    with monkeypatch.context() as patch:
        for name, path in {"DIR": ".git", "WORK_TREE": "", "INDEX_FILE": ".git/index", "OBJECT_DIRECTORY": "."}.items():
            patch.setenv(f"GIT_{name}", str(foreign / path))
        update.main(None, None)
    assert {path: path.stat().st_mtime_ns for path in foreign.rglob("*")} == before
    assert not (tmp_path / "ran").exists()
    settings.write_text(settings.read_text().replace("hooksPath", "other"))
    assert student.git("rev-parse", "HEAD").strip() == newest
    assert student.git("status", "--short").split() == ["M", f"notebooks/{SECOND}.ipynb"]


@pytest.mark.parametrize("committed", [True, False])
def test_a_filter_whose_program_is_gone_stops_no_update(student, committed):
    """A tool that strips outputs notes itself in the clone; the environment that it was in may have been removed."""
    (student.folder / "README.md").write_text("mine")
    if committed:
        student.git("commit", "--quiet", "-am", "mine")
    for key, value in {"clean": "not-there", "smudge": "not-there", "required": "true"}.items():
        student.git("config", f"filter.strip.{key}", value)
    (student.folder / ".git" / "info" / "attributes").write_text("*.md filter=strip\n*.ipynb filter=strip\n")
    newest = student.publish(NEW)
    update.main(None, None)
    assert student.git("rev-parse", "HEAD^2" if committed else "HEAD").strip() == newest
    assert student.files()["README.md"].decode() == NEW["README.md"]


def test_filters_of_a_readers_other_notebooks_are_left_alone(student, settings, tmp_path):
    """A program that strips notebooks everywhere, and that is not there now, does not stop an update with commits."""
    student.work()
    student.git("commit", "--quiet", "--all", "--message", "mine")
    student.publish(NEW)
    (tmp_path / "attributes").write_text("*.ipynb filter=strip\n")
    with settings.open("a") as file:
        file.write(f"[core]\nattributesFile = {(tmp_path / 'attributes').as_posix()}\n")
        file.write("[filter \"strip\"]\nclean = not-there\nsmudge = not-there\nrequired = true\n")
    update.main(None, None)
    assert student.sources(SECOND) == MERGED


def test_windows_line_ends_are_no_change(student, settings):
    """A clone whose files got Windows line ends counts as untouched: nothing of it is the student's."""
    with settings.open("a") as file:
        file.write("[core]\nautocrlf = true\n")
    student.git("rm", "--quiet", "-r", "--cached", ".")
    student.git("reset", "--quiet", "--hard")
    assert b"\r\n" in (student.folder / "README.md").read_bytes()
    student.publish({**NEW, ".gitattributes": ""})
    update.main(None, None)
    assert student.git("status", "--short") == "" and list(student.kept()) == [f"{TODAY}/{FIRST}.ipynb"]


@pytest.mark.parametrize("how", ["pull", "stash"])
def test_a_conflict_that_git_left_is_named_and_mended(student, how):
    """After a pull or a stash that ended in a conflict, the answers are where they belong."""
    student.work()
    middle = {**OLD, f"notebooks/{FIRST}.ipynb": OLD[f"notebooks/{FIRST}.ipynb"].replace("old = 1", "old = 11")}
    student.publish(middle)
    if how == "pull":
        student.commit()
        student.git("pull", "--quiet", "--no-rebase", fails=True)
    else:
        student.git("stash", "--quiet")
        student.git("pull", "--quiet")
        student.git("stash", "pop", "--quiet", fails=True)
    damaged = student.folder / f"notebooks/{FIRST}.ipynb"
    with pytest.raises(notebook_cells.DamagedError, match=f"^notebooks/{FIRST}.ipynb holds the marks of a conflict"):
        notebook_cells.read(damaged)
    update.main(None, None)
    assert "answer = 51" in student.sources(FIRST) and "own = 2" in student.sources(FIRST)
    assert "old = 11" in student.sources(FIRST)
    assert not student.git("ls-files", "--unmerged") and not (student.folder / ".git/MERGE_HEAD").exists()
    assert "<<<<<<<" in student.kept()[f"{TODAY}/{FIRST}.ipynb"]
    student.publish(NEW)
    update.main(None, None)
    assert [text for text in student.sources(SECOND) if "own" in text or "51" in text] == [
        text for text in MERGED if "own" in text or "51" in text
    ]


def test_what_was_committed_is_taken_where_the_file_is_damaged(student, capsys):
    """An emptied notebook: the answers of the last commit are in the new one."""
    student.work()
    student.commit()
    (student.folder / f"notebooks/{FIRST}.ipynb").write_text("")
    student.publish(NEW)
    update.main(None, None)
    assert student.sources(SECOND) == MERGED


def test_a_damaged_notebook_is_mended_where_nothing_is_new(student, capsys):
    """The edition is the same, and the notebook that could not be read is whole again."""
    (student.folder / "notebooks/01_calm.ipynb").write_text("{")
    update.main(None, None)
    assert student.sources("01_calm") == ["1 + 1"] and student.kept() == {f"{TODAY}/01_calm.ipynb": "{"}
    assert "notebooks/01_calm.ipynb was damaged." in capsys.readouterr().out


@pytest.mark.parametrize("command", [lambda: update.main(None, None), lambda: update.restore("05", None)])
def test_a_folder_in_a_notebooks_place_is_named_before_anything_changes(student, monkeypatch, command):
    """Whoever unpacked something there moves it away; until then nothing is replaced, and nothing left beside it."""
    monkeypatch.setattr(update, "COURSE", {"05": FIRST})
    (student.folder / "notebooks/01_calm.ipynb").write_text("{")
    (student.folder / f"notebooks/{FIRST}.ipynb").unlink()
    (student.folder / f"notebooks/{FIRST}.ipynb").mkdir()
    before = student.files()
    with pytest.raises(SetupError, match=f"^notebooks/{FIRST}.ipynb is a folder.* move it elsewhere, then run"):
        command()
    assert student.files() == before and not student.kept()


def test_a_damaged_notebook_that_gets_another_name_is_named(student, capsys):
    """Its answers cannot be read, so that the student learns that they are not in the new one."""
    (student.folder / f"notebooks/{FIRST}.ipynb").write_text("")
    student.publish(NEW)
    update.main(None, None)
    assert f"notebooks/{FIRST}.ipynb was damaged." in capsys.readouterr().out


def test_marks_that_a_program_dropped_come_back(student, capsys):
    """A notebook whose exercises have lost their numbers is damaged, and keeps its answers."""
    student.work()
    student.save(FIRST, [{**one, "metadata": {}} for one in student.cells(FIRST)])
    update.main(None, None)
    marks = [one["metadata"]["exercise"] for one in student.cells(FIRST) if one["metadata"]]
    assert marks == ["5.1", "5.2"]
    assert "answer = 51" in student.sources(FIRST) and "own = 2" in student.sources(FIRST)
    assert f"notebooks/{FIRST}.ipynb was damaged." in capsys.readouterr().out


def test_restore_gives_the_original_and_keeps_the_students(student, monkeypatch, capsys):
    """Also where the student has committed it, or deleted it; a second call has nothing to do."""
    monkeypatch.setattr(update, "COURSE", {"05": FIRST, "77": "77_new"})
    student.work()
    student.commit()
    mine = (student.folder / f"notebooks/{FIRST}.ipynb").read_text()
    update.restore("05", None)
    assert student.files()[f"notebooks/{FIRST}.ipynb"] == OLD[f"notebooks/{FIRST}.ipynb"].encode()
    assert student.kept() == {f"{TODAY}/{FIRST}.ipynb": mine}
    (student.folder / f"notebooks/{FIRST}.ipynb").unlink()
    update.restore("05", None)
    update.restore("05", None)
    assert capsys.readouterr().out.splitlines()[1:] == [
        f"notebooks/{FIRST}.ipynb is the original again.",
        f"notebooks/{FIRST}.ipynb is the original already.",
    ]
    with pytest.raises(SetupError, match="run `python -m helpers update`"):
        update.restore("77", None)


@pytest.mark.skipif(os.name != "posix", reason="Windows makes links for administrators alone")
@pytest.mark.parametrize("name", [f"notebooks/{FIRST}.ipynb", "helpers/paths.py"])
def test_a_link_stays_and_what_it_leads_to_is_written(student, monkeypatch, name):
    """A student may keep files elsewhere; as after saving in JupyterLab, they are still there."""
    monkeypatch.setattr(update, "COURSE", {"05": FIRST})
    student.work()
    link, elsewhere = student.folder / name, student.folder.parent / "elsewhere"
    link.rename(elsewhere)
    link.symlink_to(elsewhere)
    mine = elsewhere.read_text()
    update.restore("05", None)
    assert link.is_symlink() and elsewhere.read_text() == OLD[name]
    elsewhere.write_text(mine)
    student.publish({**NEW, name: OLD[name].replace("old", "new")})
    update.main(None, None)
    assert link.is_symlink() and "new" in elsewhere.read_text()


@pytest.mark.parametrize("command", ["update", "restore"])
def test_a_file_in_the_place_of_the_copies_is_named_before_anything_changes(student, monkeypatch, command):
    """What is replaced could not be put aside."""
    monkeypatch.setattr(update, "COURSE", {"05": FIRST})
    student.work()
    student.publish(NEW)
    (student.folder / "notebooks/kept").write_text("mine")
    before = student.files()
    with pytest.raises(SetupError, match="notebooks/kept is a file, and the course has a folder there: move it"):
        update.restore("05", None) if command == "restore" else update.main(None, None)
    assert student.files() == before


# Without git


def test_a_zip_updates_a_folder_without_git(offline, tmp_path, capsys):
    """From the originals that set-up stored; all that is replaced is copied, and the next zip needs nothing more."""
    course_files.store_originals()
    offline.work()
    lay(offline.folder, {**offline_text(offline), "notebooks/02_homework.ipynb": "mine", "README.md": "mine"})
    update.main(zipped(tmp_path / "new.zip", NEW), None)
    assert offline.sources(SECOND) == MERGED
    assert (offline.folder / "notebooks/02_homework.ipynb").read_text() == "mine"
    assert {f"{TODAY}/{FIRST}.ipynb", f"{TODAY}/README.md", f"{TODAY}/helpers/paths.py"} <= set(offline.kept())
    said = capsys.readouterr().out
    assert "README.md was yours or changed by you" in said and "paths.py was yours" not in said
    newer = {**NEW, f"notebooks/{SECOND}.ipynb": NEW[f"notebooks/{SECOND}.ipynb"].replace("new", "newer")}
    made = {"__MACOSX/x": "", ".venv/x": "", ".python/x": "", "workspace/x": ""}
    update.main(zipped(tmp_path / "newer.zip", {**newer, **made}, ""), None)
    assert offline.sources(SECOND) == [text.replace("new", "newer") for text in MERGED]
    assert [name for name in made if (offline.folder / name).exists()] == []


def offline_text(student: Student) -> dict[str, str]:
    """Return the files of a student as text."""
    return {name: content.decode() for name, content in student.files().items()}


def without_ids(files: dict[str, str]) -> dict[str, str]:
    """Return files whose notebooks are of format 4.4, in which cells have no ids."""
    drop = {name: json.loads(text) for name, text in files.items() if name.endswith(".ipynb")}
    for content in drop.values():
        content["nbformat_minor"] = 4
        for one in content["cells"]:
            one.pop("id", None)
    return {**files, **{name: written(content) for name, content in drop.items()}}


@pytest.mark.parametrize("lacks", ["the old", "the new", "both", "all"])
def test_editions_whose_cells_have_no_ids_are_merged_by_text(offline, tmp_path, lacks):
    """Answers and own cells are there once, at their places, also one that is a changed cell of the course's."""
    old, new = (without_ids(one) if lacks != other else one for one, other in ((OLD, "the new"), (NEW, "the old")))
    lay(offline.folder, {**OLD, "workspace/exercises.txt": "5.1\n"})
    course_files.write_originals({name: text.encode() for name, text in old.items()})
    offline.work()
    if lacks == "all":
        lay(offline.folder, without_ids(offline_text(offline)))
    update.main(zipped(tmp_path / "new.zip", new), None)
    assert [text for text in offline.sources(SECOND) if "# changed" not in text] == MERGED
    merged = json.loads(offline.files()[f"notebooks/{SECOND}.ipynb"])
    ids = [one["id"] for one in merged["cells"]]
    assert merged["nbformat_minor"] == 5 and len({*ids}) == len(ids)
    assert (offline.folder / "workspace/exercises.txt").read_text() == "5.1\n"
    before = offline.files()
    update.main(tmp_path / "new.zip", None)
    assert offline.files() == before


def test_originals_that_are_not_stored_come_from_the_zip_that_the_course_came_in(offline, tmp_path, monkeypatch):
    """Both commands ask for it, since without it nobody knows what is the student's."""
    monkeypatch.setattr(update, "COURSE", {"05": FIRST})
    offline.work()
    old, new = zipped(tmp_path / "old.zip", OLD), zipped(tmp_path / "new.zip", NEW)
    for command, given in ((update.main, new), (update.restore, "05")):
        with pytest.raises(SetupError, match="add --was and the zip that you took the course from"):
            command(given, None)
    mine = offline.files()[f"notebooks/{FIRST}.ipynb"].decode()
    update.restore("05", old)
    assert offline.kept() == {f"{TODAY}/{FIRST}.ipynb": mine}
    lay(offline.folder, {**OLD, f"notebooks/{FIRST}.ipynb": mine})
    update.main(new, old)
    assert offline.sources(SECOND) == MERGED


def test_restore_gives_no_notebook_of_an_earlier_edition(offline, tmp_path, monkeypatch):
    """Where a newer zip was unzipped over the folder, its notebook comes from that zip, which is asked for."""
    monkeypatch.setattr(update, "COURSE", {"05": FIRST})
    (offline.folder / "helpers" / "setup").mkdir()
    course_files.note_cells()
    course_files.store_originals()
    update.restore("05", None)  # it is the original already
    newer = {f"notebooks/{FIRST}.ipynb": OLD[f"notebooks/{FIRST}.ipynb"].replace("old", "new")}
    lay(offline.folder, {**OLD, **newer})
    course_files.note_cells()  # as the newer edition has it
    offline.work()
    before = offline.files()
    with pytest.raises(SetupError, match="another edition's .*: add --was and that zip"):
        update.restore("05", None)
    assert offline.files() == before
    update.restore("05", zipped(tmp_path / "newer.zip", {**offline_text(offline), **newer}))
    assert offline.files()[f"notebooks/{FIRST}.ipynb"].decode() == newer[f"notebooks/{FIRST}.ipynb"]


def test_originals_are_stored_in_a_fresh_folder_alone(offline, tmp_path):
    """Not where git has them, nor where an environment says that the course was in use; own notebooks are none."""
    for folder in (".git", ".venv"):
        (offline.folder / folder).mkdir()
        (offline.folder / folder / "config").write_text('[remote "origin"]')
        course_files.store_originals()
        assert not course_files.ORIGINALS.exists()
        shutil.rmtree(offline.folder / folder)
    lay(offline.folder, {**OLD, "notebooks/02_homework.ipynb": "mine", "workspace/x": "x", ".python/x": "x"})
    course_files.store_originals()
    stored = course_files.ORIGINALS.read_bytes()
    with zipfile.ZipFile(course_files.ORIGINALS) as opened:
        names = {name.removeprefix("course/") for name in opened.namelist()}
    assert names == {*OLD}
    (offline.folder / "README.md").write_text("mine")
    course_files.store_originals()
    assert course_files.ORIGINALS.read_bytes() == stored


@pytest.mark.skipif(os.name != "posix", reason="looks at who may run a file")
def test_programs_of_the_course_can_be_run_after_an_update(offline, tmp_path):
    """A zip is read without their permissions: those that begin with the name of their interpreter get them."""
    course_files.store_originals()
    programs = {"old.sh": "#!/bin/sh\n", "new.sh": "#!/bin/sh\n"}
    lay(offline.folder, {**OLD, "old.sh": "#!/bin/sh\n# of before"})
    update.main(zipped(tmp_path / "new.zip", {**NEW, **programs}), None)
    can = {name: os.access(offline.folder / name, os.X_OK) for name in (*programs, "README.md")}
    assert can == {"old.sh": True, "new.sh": True, "README.md": False}


@pytest.mark.skipif(not course_files.is_clone(), reason="this folder came without git")
def test_git_knows_the_programs_by_their_first_line():
    """An update tells by it which files can be run."""
    told = subprocess.run(["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
    files = {line.partition("\t")[2]: line.startswith("100755") for line in told}
    assert all((ROOT / name).read_bytes().startswith(b"#!") == runs for name, runs in files.items())


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "C:/x", "a\\..\\x"])
def test_a_zip_that_would_write_elsewhere_is_refused(offline, tmp_path, name):
    """Nothing of it is used."""
    with pytest.raises(SetupError, match="would write outside of the course's folder"):
        course_files.of_zip(zipped(tmp_path / "bad.zip", {**NEW, name: "bad"}))
    with pytest.raises(SetupError, match="would write outside of the course's folder"):
        course_files.of_zip(zipped(tmp_path / "bad.zip", {**NEW, name: "bad"}, ""))


def test_a_zip_with_a_file_without_a_name_is_refused(offline, tmp_path):
    """Python 3.11 fails where it asks whether such a one is a folder."""
    with zipfile.ZipFile(zipped(tmp_path / "bad.zip", NEW, ""), "a") as opened:
        (entry := zipfile.ZipInfo("any")).filename = ""
        opened.writestr(entry, "bad")
    with pytest.raises(SetupError, match="has a name that no file of the course can have"):
        course_files.of_zip(tmp_path / "bad.zip")


@pytest.mark.parametrize("name", ["helpers", "helpers/paths.py/x", "n" * 201, "a\x1bb"])
def test_a_zip_with_names_that_cannot_be_written_is_refused(offline, tmp_path, name):
    """A file where a folder is to be, a name that is too long, and one that no terminal shows: nothing is begun."""
    with pytest.raises(SetupError, match="has a name that no file of the course can have"):
        course_files.of_zip(zipped(tmp_path / "bad.zip", {**NEW, name: "bad"}))


@pytest.mark.parametrize("name", [".git", "workspace", ".VENV"])
def test_a_file_in_place_of_a_folder_of_the_readers_is_left_out(offline, tmp_path, name):
    """A zip brings neither another repository nor a file where the workspace lies."""
    assert name not in course_files.of_zip(zipped(tmp_path / "odd.zip", {**NEW, name: "gitdir: /elsewhere"}))


def test_a_zip_of_huge_files_is_refused_before_it_is_read(offline, tmp_path, monkeypatch):
    """Zeros are packed to a thousandth: they would fill the memory."""
    monkeypatch.setattr(course_files, "_LARGEST", 1e6)
    with pytest.raises(SetupError, match="holds more than a course, 0.001 GB"):
        course_files.of_zip(zipped(tmp_path / "huge.zip", {**NEW, "zeros": "0" * 1_000_001}))


@pytest.mark.parametrize("content", ["{", EMPTY])
def test_a_course_with_a_damaged_notebook_changes_nothing(offline, tmp_path, content):
    """The notebook is named, where it would be merged into the student's."""
    course_files.write_originals({name: text.encode() for name, text in OLD.items()})
    with pytest.raises(SetupError, match="own notebooks/99_odd.ipynb .*, so nothing was changed: download it again"):
        update.main(zipped(tmp_path / "odd.zip", {**NEW, "notebooks/99_odd.ipynb": content}), None)


def test_what_is_no_zip_of_the_course_is_refused(offline, tmp_path):
    """No file, a folder, a text, a zip cut short, a zip of something else, no zip at all."""
    text, short = tmp_path / "a.txt", zipped(tmp_path / "short.zip", NEW)
    text.write_text("no zip")
    short.write_bytes(short.read_bytes()[:-60])
    cases = {tmp_path / "none.zip": "is not there", text: "is no zip", short: "is no zip", tmp_path: "is no zip"}
    cases[zipped(tmp_path / "else.zip", {"a/b": "1"})] = "does not hold this course"
    before = offline.files()
    course_files.write_originals({name: text.encode() for name, text in OLD.items()})
    for file, words in cases.items():
        with pytest.raises(SetupError, match=words):
            update.main(file, None)
    with pytest.raises(SetupError, match="download the newest zip"):
        update.main(None, None)
    assert offline.files() == before


def test_a_zip_also_updates_a_clone_without_a_network(student, tmp_path):
    """What the student wrote comes along, git's history stays, and git's next update goes on from there."""
    student.work()
    head = student.git("rev-parse", "HEAD")
    update.main(zipped(tmp_path / "new.zip", NEW), None)
    assert student.sources(SECOND) == MERGED and student.git("rev-parse", "HEAD") == head
    newer = {**NEW, f"notebooks/{SECOND}.ipynb": NEW[f"notebooks/{SECOND}.ipynb"].replace("new", "newer")}
    newest = student.publish(newer)
    update.main(None, None)
    assert student.sources(SECOND) == [text.replace("new", "newer") for text in MERGED]
    assert student.git("rev-parse", "HEAD").strip() == newest and not course_files.ORIGINALS.exists()


@pytest.mark.parametrize("commits", [False, True])
def test_a_zip_updates_a_repository_that_a_student_made_of_files(offline, settings, tmp_path, commits):
    """Its commits say nothing of the course: the originals do, which set-up stored, or the zip that they came in."""
    offline.git("init", "--quiet")
    if commits:
        offline.work()
        offline.commit()
        with pytest.raises(SetupError, match="add --was and the zip that you took the course from"):
            update.main(zipped(tmp_path / "new.zip", NEW), None)
        update.main(tmp_path / "new.zip", zipped(tmp_path / "old.zip", OLD))
    else:
        course_files.store_originals()
        offline.work()
        update.main(zipped(tmp_path / "new.zip", NEW), None)
    assert offline.sources(SECOND) == MERGED
    with pytest.raises(SetupError, match="or name the newest zip of the course after update"):
        update.main(None, None)
    with pytest.raises(SetupError, match="name the newest zip too"):
        update.main(None, tmp_path / "old.zip")


def test_a_foreign_repository_is_no_clone(student, offline, tmp_path):
    """A course unpacked inside another repository is updated by a zip, and that repository is not asked."""
    shutil.rmtree(student.folder / ".git")
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    with pytest.raises(SetupError, match="download the newest zip"):
        update.main(None, None)


# As commands


def test_the_commands_work_where_nothing_is_installed(tmp_path, settings):
    """A clone of the course's own code, called as a student calls it; what is damaged is a sentence."""
    teacher = tiny(tmp_path / "teacher")
    made = Student(tmp_path / "cours d'été", teacher)
    name, env = "06_registry_versioning", {"WORKBOOK_WORKSPACE": str(tmp_path / "workspace"), **dict(os.environ)}
    old = {f"notebooks/{name}.ipynb": written(notebook(cell("a", "a"), cell("ask", "...", "6.1")))}
    made.git("init", "--quiet", folder=teacher)
    made.publish(old)
    made.git("clone", "--quiet", str(teacher), str(made.folder), folder=tmp_path)
    made.save(name, [cell("a", "a"), cell("ask", "answer", "6.1")])
    made.publish({f"notebooks/{name}.ipynb": old[f"notebooks/{name}.ipynb"].replace('"a"', '"b"')})
    done = call(made.folder, "update", **env)
    assert done.returncode == 0 and f"{name}.ipynb: kept your answers to 6.1." in done.stdout, done.stderr
    done = call(made.folder, "restore", "06", **env)
    assert done.returncode == 0 and f"notebooks/{name}.ipynb is the original again." in done.stdout, done.stderr
    (made.folder / f"notebooks/{name}.ipynb").write_text("")
    done = call(made.folder, "progress", **env)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    done = call(made.folder, "restore", "5", **env)
    assert done.returncode == 2 and "there is no notebook '5'" in done.stderr
