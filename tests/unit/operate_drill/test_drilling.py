"""A drill measures what its watcher sees; here the faults themselves say what is seen."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from otelmon.operate.drill.drilling import Drill
from otelmon.operate.drill.fault import Consequence, Fault, Stage
from otelmon.operate.drill.ledger import Followed, ledger
from otelmon.operate.drill.outcome import mean_detection
from otelmon.operate.drill.patience import Patience
from otelmon.operate.drill.sighting import FIRING, INACTIVE, NOTIFIED, PENDING, RESOLVED, Sighting
from otelmon.operate.drill.table import document, markdown, summary, verdict
from otelmon.operate.drill.watching import Addresses, Watcher

if TYPE_CHECKING:
    from collections.abc import Callable

NOWHERE = Addresses("http://127.0.0.1:9", "http://127.0.0.1:9")
SHORT = Patience(to_tell=0.3, to_clear=0.3, between_looks=0.01)
RULE = ("Slow", "warning")
LABELS = {"alertname": "Slow", "severity": "warning", "service": "one"}


def see(watcher: Watcher, *kinds: str, **labels: str) -> None:
    """Lets a watcher have seen something now."""
    watcher.sightings += [Sighting(kind, time.time(), {**LABELS, **labels}) for kind in kinds]


def told(watcher: Watcher, name: str = "slow", **more: frozenset[str]) -> Fault:
    """Returns a fault that is told at once and clears when it is undone."""
    stage = Stage(RULE, "it is told", lambda: see(watcher, PENDING, FIRING, NOTIFIED), {"service": "one"})
    return Fault(name, (stage,), lambda: see(watcher, INACTIVE, RESOLVED), **more)


def test_what_is_told_in_time_and_clears_is_good() -> None:
    """Each step has its time, in order."""
    watcher = Watcher(NOWHERE)
    (outcome,) = Drill(watcher, lambda _: None, SHORT).run([told(watcher)])
    assert outcome.good
    times = [outcome.injected, outcome.pending, outcome.firing, outcome.notified, outcome.restored, outcome.cleared]
    assert times == sorted(time for time in times if time is not None)
    assert mean_detection([outcome]) == outcome.detected_after
    assert document([outcome], ledger([outcome], watcher.sightings))["good"] is True


def test_what_is_never_told_is_shown_so() -> None:
    """A rule that is silent, or tells of somebody else, is no success; later stages are not reached."""
    watcher = Watcher(NOWHERE)
    stage = Stage(RULE, "somebody else's", lambda: see(watcher, NOTIFIED, service="two"), {"service": "one"})
    outcomes = Drill(watcher, lambda _: None, SHORT).run([Fault("slow", (stage, stage), lambda: None)])
    assert [verdict(each) for each in outcomes] == ["NOT TOLD"]
    assert mean_detection(outcomes) is None
    found = ledger(outcomes, watcher.sightings)
    assert not found.balanced
    assert [each["service"] for each in found.unexplained] == ["two"]
    assert "unknown, since not all were told" in " ".join(summary(outcomes, found))


def test_what_does_not_clear_is_shown_so() -> None:
    """An alert that goes on after its cause has ended is a finding."""
    watcher = Watcher(NOWHERE)
    stage = Stage(RULE, "told", lambda: see(watcher, NOTIFIED))
    (outcome,) = Drill(watcher, lambda _: None, SHORT).run([Fault("slow", (stage,), lambda: None)])
    assert verdict(outcome) == "NOT CLEARED"


def test_what_is_told_late_is_shown_so() -> None:
    """The limit counts from the moment at which the limit was reached, which a fault may know itself."""
    watcher = Watcher(NOWHERE)

    def long_ago() -> float:
        see(watcher, NOTIFIED)
        return time.time() - 121

    stage = Stage(RULE, "reached long ago", long_ago)
    (outcome,) = Drill(watcher, lambda _: None, SHORT).run(
        [Fault("slow", (stage,), lambda: see(watcher, INACTIVE, RESOLVED))]
    )
    assert verdict(outcome) == "LATE"


def test_a_fault_that_cannot_be_injected_ends_alone() -> None:
    """Its error is shown, it is undone all the same, and the others run."""
    watcher = Watcher(NOWHERE)
    undone: list[str] = []

    def fails() -> None:
        raise RuntimeError("no such server")

    broken = Fault("broken", (Stage(("Other", "warning"), "fails", fails),), lambda: undone.append("broken"))
    outcomes = Drill(watcher, lambda _: None, SHORT).run([broken, told(watcher)])
    assert [verdict(each) for each in outcomes] == ["RuntimeError: no such server", "ok"]
    assert undone == ["broken"]
    assert "no such server" in "\n".join(markdown(outcomes))


def test_faults_that_disturb_one_another_run_one_after_the_other() -> None:
    """What one takes nobody else uses meanwhile; what is only used is shared."""
    watcher = Watcher(NOWHERE)
    now, most = [0], [0]
    lock = threading.Lock()

    def counted(name: str, meanwhile: Callable[[], object], **more: frozenset[str]) -> Fault:
        def inject() -> None:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            meanwhile()
            see(watcher, NOTIFIED)

        def restore() -> None:
            with lock:
                now[0] -= 1
            see(watcher, INACTIVE)

        return Fault(name, (Stage(RULE, name, inject),), restore, **more)

    drill = Drill(watcher, lambda _: None, SHORT)

    def linger() -> None:
        time.sleep(0.05)

    drill.run([counted("one", linger, takes=frozenset({"pool"})), counted("two", linger, uses=frozenset({"pool"}))])
    assert most == [1]

    # However late the machine lets the second one begin, the first one is still there.
    both = threading.Barrier(2, timeout=10)
    drill.run([counted(name, both.wait, uses=frozenset({"pool"})) for name in ("one", "two")])
    assert most == [2]


def test_an_alarm_by_silence_is_told_by_the_second_road() -> None:
    """A dead man's switch fires by not coming, and clears by coming again."""
    watcher = Watcher(NOWHERE)
    silent = [False]
    stage = Stage(("Watchdog", "none"), "silence", lambda: silent.__setitem__(0, True), by_silence=True)
    fault = Fault("silent", (stage,), lambda: silent.__setitem__(0, False), second_road=lambda: silent[0])
    (outcome,) = Drill(watcher, lambda _: None, SHORT).run([fault])
    assert outcome.good
    assert outcome.second_road == outcome.notified


def test_consequences_are_counted_and_need_no_breach_of_their_own() -> None:
    """What a stage names as a consequence is explained while it lasts, and not before; its reason is shown."""
    watcher = Watcher(NOWHERE)
    see(watcher, NOTIFIED, alertname="Also")

    def inject() -> None:
        see(watcher, NOTIFIED, alertname="Also")
        see(watcher, NOTIFIED)

    stage = Stage(RULE, "two of one cause", inject, also=(Consequence("Also", "one leads to the other"),))
    fault = Fault("slow", (stage,), lambda: see(watcher, INACTIVE))
    outcomes = Drill(watcher, lambda _: None, SHORT).run([fault])
    assert ledger(outcomes, watcher.sightings[1:]).consequences == {
        Followed(("Also", "warning"), "slow", "one leads to the other"): 1
    }
    assert ledger(outcomes, watcher.sightings[1:]).balanced
    assert not ledger(outcomes, watcher.sightings).balanced
    found = ledger(outcomes, watcher.sightings[1:])
    assert "  Also (warning) 1, of slow: one leads to the other" in summary(outcomes, found)
    assert document(outcomes, found)["consequences"] == [
        {"alert": "Also", "severity": "warning", "count": 1, "fault": "slow", "why": "one leads to the other"}
    ]


def test_a_consequence_explains_nobody_else() -> None:
    """The same alert of another service is a breach that nobody made."""
    watcher = Watcher(NOWHERE)

    def inject() -> None:
        see(watcher, NOTIFIED)
        see(watcher, NOTIFIED, alertname="Also")
        see(watcher, NOTIFIED, alertname="Also", service="two")

    stage = Stage(RULE, "two of one cause", inject, also=(Consequence("Also", "it follows", {"service": "one"}),))
    outcomes = Drill(watcher, lambda _: None, SHORT).run([Fault("slow", (stage,), lambda: see(watcher, INACTIVE))])
    found = ledger(outcomes, watcher.sightings)
    assert [each["service"] for each in found.unexplained] == ["two"]
    assert not found.balanced


def test_what_is_told_twice_is_counted() -> None:
    """A second channel is told once too; the same channel twice is once too often, and stands in the summary."""
    watcher = Watcher(NOWHERE)

    def inject() -> None:
        for receiver in ("team", "second-channel", "team"):
            watcher.sightings.append(Sighting(NOTIFIED, time.time(), LABELS, receiver))

    fault = Fault("slow", (Stage(RULE, "told three times", inject),), lambda: see(watcher, INACTIVE))
    outcomes = Drill(watcher, lambda _: None, SHORT).run([fault])
    found = ledger(outcomes, watcher.sightings)
    assert found.again == {RULE: 1}
    assert "notifications that told the same once more: Slow (warning) 1" in summary(outcomes, found)
    assert document(outcomes, found)["told_again"] == [{"alert": "Slow", "severity": "warning", "count": 1}]
