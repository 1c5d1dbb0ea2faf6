"""The plan of three courses: which section of which notebook is shown when, and the breaks."""
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Section:
    """What an instructor should know of the part of a notebook below a level-2 heading, or before the first one."""

    heading: str
    minutes: dict[str, int]
    pace: str
    misconceptions: list[str] = field(default_factory=list)
    ask: str = ""


Notes = dict[str, list[Section]]


@dataclass(frozen=True)
class Course:
    """A course: its key in the notes, the notebooks of each of its days, and minutes of break after some."""

    key: str
    name: str
    days: tuple[tuple[str, ...], ...]
    breaks: dict[str, int] = field(default_factory=dict)


CORE = ("00", "02", "06", "07", "08")  # the path through a short course, which both maps mark
COURSES = (
    Course("hour", "In 50 minutes", (("00", "08"),)),
    Course("half_day", "In 3 hours", (("00", "02", "06", "07"),), {"02": 10, "06": 10}),
    Course(
        "week",
        "In a week",
        (("00", "01", "02", "03"), ("04", "05", "06", "07"), ("08", "09", "10"), ("11", "12", "13"),
         ("14", "15", "16", "17", "18")),
    ),
)


@dataclass(frozen=True)
class Step:
    """A line of a plan: a section of a notebook, or a break, which belongs to none."""

    notebook: str
    what: str
    minutes: int


def list_steps(course: Course, day: Iterable[str], notes: Notes) -> list[Step]:
    """Return what happens on a day of a course, in order."""
    found = []
    for number in day:
        shown = [section for section in notes[number] if course.key in section.minutes]
        found += [Step(number, section.heading or "(opening)", section.minutes[course.key]) for section in shown]
        found += [Step("", "Break", course.breaks[number])] if number in course.breaks else []
    return found


def sum_minutes(those: Iterable[Step]) -> int:
    """Return the minutes of steps, breaks included."""
    return sum(step.minutes for step in those)


def _describe_sums(those: list[Step]) -> str:
    """Return the minutes of each notebook, of the breaks and of all."""
    parts = {step.notebook: 0 for step in those} | {"": 0}
    for step in those:
        parts[step.notebook] += step.minutes
    pause = parts.pop("")
    words = [f"{number}: {minutes}" for number, minutes in parts.items()] + ([f"breaks: {pause}"] if pause else [])
    return f"{', '.join(words)}; in all {sum_minutes(those)}"


def summarise(notes: Notes) -> str:
    """Return the minutes of each notebook in each course, a line for a day."""
    lines = []
    for course in COURSES:
        for place, day in enumerate(course.days, 1):
            title = f"{course.name}, day {place}" if len(course.days) > 1 else course.name
            lines.append(f"{title:16} {_describe_sums(list_steps(course, day, notes))}")
    return "\n".join(["Minutes by notebook:", *lines])


def make_table(notes: Notes) -> str:
    """Return the whole plan in Markdown: for each day a table with a clock, a row for each section, and sums."""
    parts = ["# Plan of three courses", "Minutes of every section; a section without a row is left out."]
    for course in COURSES:
        days = [list_steps(course, day, notes) for day in course.days]
        parts.append(f"## {course.name}")
        for place, day in enumerate(days, 1):
            parts += [f"### Day {place}"] if len(days) > 1 else []
            parts += ["\n".join(_make_rows(day)), f"Minutes by notebook: {_describe_sums(day)}."]
    return "\n\n".join(parts) + "\n"


def _make_rows(day: list[Step]) -> list[str]:
    """Return the lines of a day's table, with the time since its start."""
    lines, clock = ["| from | to | minutes | notebook | section |", "|---|---|---|---|---|"], 0
    for step in day:
        since, clock = clock, clock + step.minutes
        cells = _write_hours(since), _write_hours(clock), str(step.minutes), step.notebook, step.what
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _write_hours(minutes: int) -> str:
    """Return minutes as hours and minutes, such as ``1:05``."""
    return f"{minutes // 60}:{minutes % 60:02d}"
