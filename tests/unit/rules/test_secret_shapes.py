"""Which words look like credentials."""

from __future__ import annotations

import pytest

from otelmon.rules.secret_shapes import has_secret_shape


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("ghp_abcdef", id="short, with an underscore"),
        pytest.param("sk-abcdef", id="short, with a hyphen"),
        pytest.param("pypi-ab_cdefghijklmnop", id="with both"),
        pytest.param("AKIA" + "A" * 12, id="sixteen characters"),
        pytest.param("eyJhbGciOiJIUzI1NiJ9.e30.x", id="of three parts"),
        pytest.param("1234567890abcdef1234567890ABCDEF", id="digits and letters in both cases"),
        pytest.param("6ba7b810-9dad-11d1-80b4-00c04fd430c8", id="long and no words"),
        pytest.param("x:a1B2c3D4e5F6g7H8i9J0", id="a run of twenty"),
    ],
)
def test_credential(word: str) -> None:
    """A known prefix, or many characters that are no words."""
    assert has_secret_shape(word)


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("AKIA" + "A" * 11, id="shorter than any that has no sign of its own"),
        pytest.param("contributors", id="a word"),
        pytest.param("a_b-c", id="short, with signs"),
        pytest.param("my-long-name-of-a-repository-with-words", id="long, of words"),
        pytest.param("12345678901234567890", id="digits"),
        pytest.param("abcdefghijklmnopqrstuvw", id="small letters"),
        pytest.param("ABCDEFGHIJKLMNOPQRSTUVW", id="capital letters"),
        pytest.param("abcdefghijKLMNOPQRSTUVW", id="letters"),
    ],
)
def test_no_credential(word: str) -> None:
    """Words, numbers and whatever is too short."""
    assert not has_secret_shape(word)
