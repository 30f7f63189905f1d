"""The case on one screen: the verdict, the connection, the change, its proof, and what is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.table import Table
from rich.text import Text

from screens import order
from screens.terminal.glyphs import Glyphs
from screens.texts import change as changes
from screens.texts import changed
from screens.texts.hanging import hanging
from screens.texts.pieces import styled
from screens.texts.route import shortened
from wizard.engine import weakening
from wizard.model.remark import Point
from wizard.text import printable
from wizard.wording import certificate, condition, refused, rehearsal
from wizard.wording import change as wording
from wizard.wording import diagnosis as diagnosis_wording
from wizard.wording.moment import localised
from wizard.wording.written import Written, short

if TYPE_CHECKING:
    from screens.host import Host
    from screens.session import Done, Session
    from wizard.model.config import Problem, Route
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.plan import FixPlan
    from wizard.model.rehearsal import Run
    from wizard.wording.patch import Changed

WIDEST: Final = 100
"""Columns of prose: longer lines are hard to read."""
LOOK_AGAIN: Final = "r looks again"
LOOKING: Final = "This machine is still searched for the CA: there is no answer to take yet."
"""While the question stands there without its answers."""
_MOST_COMMENTS: Final = 2
"""Comments that are told below the change."""
_MOST_OTHERS: Final = 4
"""Other routes that fail, below a change that was made."""


class Verdict(NamedTuple):
    """What the browser gets, and why: the first sentence is what the eye lands on."""

    sign: str
    style: str
    first: str
    second: str = ""

    @property
    def text(self) -> Text:
        """As plain lines."""
        text = Text(f"{self.sign}  {self.first}", self.style)
        return text.append(f"\n   {self.second}", "not bold") if self.second else text

    def drawn(self) -> Table:
        """The sign in a column of its own, so that a long sentence goes on below itself."""
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(max_width=WIDEST)
        table.add_row(Text(self.sign, self.style), Text(self.first, self.style))
        if self.second:
            table.add_row("", Text(self.second))
        return table


def verdict(session: Session, glyphs: Glyphs) -> Verdict:
    """What the browser gets, and why, in two sentences; the first one is what the eye lands on."""
    if session.done is not None and session.done.route == session.current:
        return _outcome(session, session.done, glyphs)
    if session.load_error:
        head = "httpd does not start with this configuration."
        first = head if session.is_refused else "This configuration cannot be read."
        return _said(glyphs.bad, "bold red", first,
                     f"{session.load_error} r reads it again, o opens another one.")  # fmt: skip
    diagnosis = session.diagnosis
    problems = (*configured(session), *(diagnosis.case.problems if diagnosis else ()))
    if (line := refused.headline(problems)) is not None:
        second = refused.advice(problems) or "Nothing is proxied before that is repaired."
        return _said(glyphs.bad, "bold red", line + ".", second)
    if diagnosis is None:
        sign = glyphs.waiting if session.stops else glyphs.unknown
        return _said(sign, "cyan", session.unprobed, "")
    return _told(diagnosis, glyphs)


def title(session: Session, glyphs: Glyphs, width: int) -> str:
    """The route and its backend, in a line."""
    route = session.route
    if route is None:
        return ""
    told = f"{route.id.label} {glyphs.arrow[-1]} {route.backend.url}"
    return shortened(told, width).plain


def configured(session: Session) -> tuple[Problem, ...]:
    """What httpd complains about in the configuration."""
    return session.configuration.problems if session.configuration is not None else ()


def _told(diagnosis: Diagnosis, glyphs: Glyphs) -> Verdict:
    found = diagnosis.findings[0] if diagnosis.findings else None
    outcome = diagnosis.verdict.outcome
    if outcome == "unknown" and diagnosis.severity == "unknown":
        return _said(glyphs.unknown, "bold cyan", printable(diagnosis.sentence), "")
    if outcome == "fail":
        head = _browser(diagnosis)
        if found is None:
            return _said(glyphs.bad, "bold red", f"{head} {printable(diagnosis.sentence)}", "")
        return _said(glyphs.bad, "bold red", f"{head} {_stop(found.title)}", found.why)
    if found is None or diagnosis.severity == "ok":
        return _said(glyphs.good, "bold green", f"{_browser(diagnosis)} Nothing is wrong here.", "")
    style = "bold red" if diagnosis.severity == "critical" else "bold yellow"
    sign = glyphs.bad if diagnosis.severity == "critical" else glyphs.warn
    return _said(sign, style, f"{_browser(diagnosis)} {_stop(found.title)}", found.why)


def _said(sign: str, style: str, first: str, second: str) -> Verdict:
    return Verdict(sign, style, first, printable(localised(second)))


def _stop(title: str) -> str:
    told = printable(title, 300)
    return told if told.endswith((".", ":", "?", "!")) else f"{told}."


def _browser(diagnosis: Diagnosis) -> str:
    """What the browser gets, in a sentence."""
    verdict = diagnosis.verdict
    if verdict.stage in ("config", "start"):
        return "httpd does not start with this configuration."
    if verdict.status is not None and verdict.answers_itself:
        return f"The browser gets {verdict.status} from httpd itself."
    if verdict.status is not None and verdict.outcome == "ok":
        return f"The browser gets {verdict.status} from the backend."
    return f"The browser gets {verdict.status}." if verdict.status is not None else ""


def _outcome(session: Session, done: Done, glyphs: Glyphs) -> Verdict:
    """What came of the last change."""
    deployed = done.deployed
    if deployed is None:
        # why, and what can be done, stands in the block
        first = done.ended.text.plain.strip().partition("\n")[0]
        head = first if done.ended.leaves else "Nothing was changed."
        return _said(glyphs.bad, "bold red", head, "")
    if done.undone:
        good = deployed.outcome == "good"
        sign, style = (glyphs.good, "bold green") if good else (glyphs.bad, "bold red")
        return _said(sign, style, "Undone: the files are what they were.", _now(session))
    answers = [look for look in deployed.looks if look.route.id == done.route]
    look = answers[0] if answers else next(iter(deployed.looks), None)
    if deployed.outcome == "not-reloaded":
        rest = done.ended.text.plain.strip().partition("\n")[2].partition("\n")[0]
        return _said(
            glyphs.warn, "bold yellow", "Written, but the running httpd has not read it.", rest
        )
    if look is None and deployed.not_reloaded is None:
        return _said(glyphs.good, "bold green", "Written, and httpd has read it.", "")
    if look is None:
        first = "Written. No httpd runs with this configuration."
        return _said(glyphs.good, "bold green", first, "It counts from the next start on.")
    was = f" (was {done.was})" if done.was else ""
    answer = str(look.status) if look.status is not None else printable(look.error)
    where = f"Asked {printable(look.route.id.label)} through {printable(look.address)}:{look.port}."
    if look.failed:
        first = f"Written, but the running server answers {answer}{was}."
        return _said(glyphs.bad, "bold red", first, where)
    first = f"Repaired. The running server answers {answer}{was}."
    return _said(glyphs.good, "bold green", first, where)


def _now(session: Session) -> str:
    found = session.diagnosis
    return found.sentence if found is not None else ""


def why(session: Session) -> Text:
    """What becomes of the checks, then what the change rests on: a small screen ends there."""
    plan = session.plan
    if plan is None or plan.is_empty:
        return Text("")
    reason = next((edit.reason for edit in plan.edits), "")
    if reason and not reason.startswith("httpd"):
        reason = f"{reason[0].upper()}{reason[1:]}"
    text = changed.checks_sentence(session.repair) if session.repair else Text("")
    if reason:
        text.append(f" {_stop(reason)}", "not bold default")
    for told in _beside(plan):
        text.append(f"\n{told}", "not bold yellow")
    return text


def _beside(plan: FixPlan) -> Iterator[str]:
    """What the changed lines bring with them, in short: step 4 has the sentences."""
    for note in plan.notes:
        if note.point is Point.HOST_CHANGES:
            host = printable(str(dict(note.values)["host"]), 200)
            yield f"The backend gets {host} as Host then: step 4 says what follows."
    for one in plan.comments[:_MOST_COMMENTS]:
        place = f"{printable(one.file.rpartition('/')[2], 200)}:{one.line}"
        what = "says the opposite afterwards" if one.opposite else "may not hold afterwards"
        yield f"{place}: the comment there {what}."
    if (more := len(plan.comments) - _MOST_COMMENTS) > 0:
        yield f"… {more} more comment{'s' * (more != 1)}: step 4 shows them."


def first(session: Session) -> Text:
    """What has to be so before the change may be written; empty: nothing has to."""
    text = Text()
    for one in session.plan.conditions if session.plan is not None else ():
        text.append(f"{condition.sentence(one)}\n", "yellow")
        text.append(f"{condition.command(one)}\n")
    return text


def reasons(session: Session, glyphs: Glyphs) -> Text:
    """Where it is written, which chain was shown, and what the log says: why httpd refuses it."""
    found = session.diagnosis
    if found is None or not found.findings:
        return Text("")
    cause = found.findings[0]
    files = session.configuration.files if session.configuration else {}
    text = Text()
    for line, is_there in Written(files).proof(cause):
        text.append(f"{printable(short(cause.place))}  " if is_there else "", "dim")
        text.append(f"{line}\n")
    probe = found.case.probe
    if probe is not None and probe.tls is not None and probe.tls.chain:
        names = [certificate.called(one.subject) for one in reversed(probe.tls.chain)]
        top = probe.tls.chain[-1]
        if not top.self_issued:
            names.insert(0, f"({certificate.called(top.issuer)})")
        text.append("chain  ", "dim").append(f" {glyphs.last}".join(names) + "\n")
    logged = [one for one in found.verdict.log if one.code]
    of_tls = [
        one for one in logged if one.module == "ssl" and one.code not in diagnosis_wording.ROUTINE
    ]
    for one in (of_tls or logged)[:1]:
        hidden = "" if one.shown else f"   hidden: shown at LogLevel {one.level}"
        text.append("log    ", "dim").append(f"{one.code}{hidden}\n")
    return text


def certificate_in_use(session: Session, glyphs: Glyphs) -> Text:
    """What a route that is well rests on: the chain that the backend showed, and how long it
    counts."""
    found = session.diagnosis
    probe = found.case.probe if found is not None else None
    if found is None or found.severity != "ok" or probe is None or probe.tls is None:
        return Text("")
    text = Text()
    for depth, one in enumerate(reversed(probe.tls.chain)):
        left = (one.not_after - found.case.now).days
        head = "   " * (depth - 1) + glyphs.last if depth else ""
        text.append(f"{head}{certificate.called(one.subject)}")
        text.append(f"   until {one.not_after:%Y-%m-%d}, {left} days left\n", "dim")
    return text


def proof(session: Session, glyphs: Glyphs) -> tuple[str, Text]:
    """Before and after, on a private httpd.

    Returns:
        Title and rows.
    """
    if "rehearsal" in session.stops:
        done, total = session.rehearsing or (0, 0)
        so_far = f": {done} of {total} virtual hosts" if total > 1 else ""
        return "Proof", Text(f"A private httpd on loopback is asked, before and after{so_far} …")
    if session.rehearsal_error:
        return "Proof", Text.assemble((f"{glyphs.unknown} ", "yellow"), session.rehearsal_error)
    played = session.rehearsal
    if played is None:
        waits = order.asks_for_ca(session)
        return "Proof", Text("Waits for your answer." if waits else "", "dim")
    title = f"Rehearsed on a private httpd, {session.planned.seconds:.1f} s"
    now, then = session.route, _planned(session)
    rows = Text.assemble(("before  ", "dim"), _row(played.before, now))
    if played.after is not None:
        good = played.after.proxied and not played.after.lets_in
        rows.append("\n")
        rows.append_text(Text.assemble(("after   ", "dim"), _row(played.after, then, good=good)))
    for piece in rehearsal.impostors(played):
        if piece.role == "alarm":
            rows.append(f"\n{piece.whole}", "bold red")
    weak = weakening.weakened(session.repair) if session.repair is not None else ()
    if weak:
        told = ", ".join(dict.fromkeys(one.check for one in weak))
        rows.append(f"\n{changed.WEAKENS}  {told}", "bold red")
    others = [one for one in session.rehearsals if one.route != session.current]
    broken = [one.route.label for one in others if one.breaks]
    if broken:
        rows.append(f"\n{glyphs.bad} would break: {printable(', '.join(broken))}", "bold red")
    return title, rows


def _planned(session: Session) -> Route | None:
    """The current route as the plan would make it."""
    planned = session.repair.planned if session.repair is not None else ()
    return next((route for route in planned if route.id == session.current), session.route)


def _row(run: Run, route: Route | None, *, good: bool | None = None) -> Text:
    style = "" if good is None else "green" if good else "bold red"
    text = Text(rehearsal.summary(run), style)
    if not run.proxied:
        return text.append(f"   {run.codes[0]}" if run.codes else "", "dim")
    if run.lets_in:
        return text.append("   an impostor would be let in", "bold red")
    if not run.keeps_out or route is None:
        return text
    named = "chain and name verified" if route.tls.checks_name else "chain verified"
    return text.append(f"   {named}", "dim")


def done(session: Session, glyphs: Glyphs, width: int) -> Text:
    """What was done, step by step, in so many columns."""
    item = session.done
    if item is None:
        return Text("")
    if item.deployed is None:
        told = item.ended.text
        return told[len(told.plain) - len(told.plain.lstrip("\n")) :]
    text = Text()
    if not item.undone:
        text.append(f"{glyphs.good} ", "green")
        text.append(f"backup   {printable(item.deployed.change.id)}\n")
    for file in item.changed:
        what = "new" if file.new else _places(file) if len(file.lines) < 9 else "changed"
        directory, _, name = file.path.rpartition("/")
        body = Text(f"{name}, {what}").append(f"   {shortened(directory, 32).plain}", "dim")
        head = Text.assemble((f"{glyphs.good} ", "green"), "written  ")
        text.append_text(hanging(head, body, width)).append("\n")
    sign = glyphs.good if item.deployed.outcome == "good" else " "
    for line in styled(wording.deployed(item.deployed), dense=True).split("\n"):
        text.append_text(hanging(Text(f"{sign} ", "green"), line, width)).append("\n")
    return text


def _places(file: Changed) -> str:
    """Which lines were changed: what took the place of a line has that line's number."""
    gone = {line.number for line in file.lines if line.sign == "-"}
    places = (line.number for line in file.lines if line.sign == "-" or line.number - 1 not in gone)
    numbers = list(dict.fromkeys(places))
    return f"line{'s' * (len(numbers) != 1)} {', '.join(map(str, numbers))}"


def writing(host: Host) -> Text:
    """How far a change is that is being made, or whom it waits for."""
    if host.waits_for is not None:
        return changes.waiting(host.waits_for)
    return changes.applying(host.change.steps if host.change is not None else ())


def no_plan(session: Session) -> str:
    """Why there is no change to show; empty: none is needed."""
    if "plan" in session.stops:
        return "The repair is being planned …"
    if session.plan_error:
        return session.plan_error
    found = session.diagnosis
    if found is None or found.severity == "ok":
        return ""
    return "" if found.case.probe is not None else "Planned once the backend was asked: Enter."


def others(session: Session, glyphs: Glyphs) -> Text:
    """The other routes that fail, the next one marked."""
    following = order.next_fault(session)
    failing = [route for route in order.faults(session) if route != session.current]
    if following is None:
        several = len(session.diagnoses) > 1
        return Text("No other route of this configuration fails." if several else "")
    count = len(failing)
    word = "more" if session.done is not None else "other"
    more = (
        f"{count} {word} route{'s' * (count != 1)} of this configuration fail{'s' * (count == 1)}:"
    )
    text = Text(f"{more}\n")
    at = failing.index(following)
    for route in (failing[at:] + failing[:at])[:_MOST_OTHERS]:
        found = session.diagnoses[route]
        cause = found.findings[0].slug if found.findings else found.verdict.stage or ""
        mark = glyphs.mark if route == following else " "
        text.append(f"{mark}  {glyphs.bad} ", "red")
        text.append(f"{shortened(route.label, 40).plain}   {cause}", "bold" if mark.strip() else "")
    if count > _MOST_OTHERS:
        text.append(f"   and {count - _MOST_OTHERS} more\n", "dim")
    return text


def readable(parts: Sequence[Text]) -> str:
    """Parts of a screen as plain text."""
    return "\n\n".join(part.plain.strip() for part in parts if part.plain.strip()) + "\n"
