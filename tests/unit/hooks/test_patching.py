"""Patches come off without a trace."""

from __future__ import annotations

from otelmon.hooks.patching import patch, undo_all


class Base:
    """Has a method."""

    def act(self) -> str:
        """Returns the original."""
        return "original"


class Derived(Base):
    """Inherits the method."""


def replaced(_: object) -> str:
    """Stands in for the method."""
    return "replaced"


def test_own_attribute_comes_back() -> None:
    """The very same object is in its place again."""
    before = vars(Base)["act"]
    undo = patch(Base, "act", replaced)
    assert Base().act() == "replaced"
    undo()
    assert vars(Base)["act"] is before


def test_inherited_attribute_is_inherited_again() -> None:
    """A shadowed attribute leaves nothing behind."""
    undo = patch(Derived, "act", replaced)
    assert (Derived().act(), Base().act()) == ("replaced", "original")
    undo()
    assert "act" not in vars(Derived)


def test_later_patch_of_others_stays() -> None:
    """What somebody has put over ours meanwhile is theirs to remove."""
    before = vars(Base)["act"]
    undo = patch(Base, "act", replaced)
    undo_theirs = patch(Base, "act", lambda _: "theirs")
    undo()
    assert Base().act() == "theirs"
    undo_theirs()
    undo()
    assert vars(Base)["act"] is before


def test_steps_come_off_in_reverse() -> None:
    """Two patches of one place end where they began."""
    before = vars(Base)["act"]
    undo = undo_all([patch(Base, "act", replaced), patch(Base, "act", lambda _: "second")])
    assert Base().act() == "second"
    undo()
    assert vars(Base)["act"] is before
