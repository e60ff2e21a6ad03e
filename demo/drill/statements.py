"""The statement that usual traffic sends to the ledger, and the function that it calls."""

CALL = "SELECT balance(7)"


def balance(more: str = "") -> str:
    """Returns the statement that makes the function which usual traffic calls, with more to do where it is said."""
    return (
        "CREATE OR REPLACE FUNCTION balance(integer) RETURNS bigint LANGUAGE sql VOLATILE AS "
        f"'SELECT count(*) FROM contributors{more} WHERE id = $1'"
    )
