"""Holds the words that database errors are made of; any other word in such an error may be a value."""

from __future__ import annotations

# Words of the messages of PostgreSQL's server and libpq (https://www.postgresql.org/docs/current/errcodes-appendix.html)
# and of the drivers, in lower case.
WORDS = frozenset(
    """
    a abort aborted access active administrator after aggregate aggregates all alloc allowed already ambiguous an
    and another any appear are argument arguments array as at attempt authentication authorization available
    balanced base be because been before between bigint block blocks boolean bound bounds broken but by byte bytea
    bytes call called calls can canceled canceling cancelled cannot cast change changed changes channel character
    characters check clause client close closed coalesce code collation column columns command commands commit
    committed concurrent configuration conflict conflicting connect connecting connection connections constraint
    constraints contain contains context conversion convert copy could count create cross-database current cursor
    data database databases date date/time deadlock default default_value deferred delete denied depend dependencies
    depends depth detected determine did different digit digits dimensions directory disconnect disk division do
    does dollar-quoted domain double drop due duplicate during each element empty encoding end ended enough entry
    enum equal error escape exceeded exceeds exclusion exist existing exists expected expression extension failed
    failing failure fatal features fetch few field file float for for-clause foreign foreign-key found from
    from-clause function functions got greater group grouping had has have having hexadecimal host identifier idle
    if immutable in inactivity index inet inherited input insert instead insufficient integer internal interval into
    invalid ip is it its join json jsonb key keyword language large left length less level limit literal locale lock
    locked long longer lost lower malformed many matches matching maximum memory message missing mixed mode money
    more multiple must name names near negative nested nesting network new no node non none not not-null null number
    numeric object objects odd of off on one only open operation operator operators option options or other out
    outside overflow own owner parameter parameters parentheses parse partition password path pattern pending
    permission permitted point pool port position postgresql precision prepared primary privilege privileges
    procedure process protocol provided psycopg psycopg2 queries query quoted range ranges reached read read-only
    read-write reading real record recovery recursive referenced references referential refused regular relation
    release remaining requested required reserved reset resource returned returning returns right role rolled row
    rows rule savepoint scalar scale schema select sequence serialize server server-side session set should shut
    shutdown shutting size skip small smallint snapshot socket specified ssl ssl/tls standby starting startup
    statement statements still string subquery subscript such superuser support supported syntax system table tables
    temporary terminated terminating text than that the there this time timed timeout timestamp timezone to too
    transaction transactions transparent trigger truncate truncated try tsquery tuple two type types undefined
    underflow unexpected unexpectedly union unique unknown unlogged unrecognized unsafe unterminated until update
    updated updating upper use used user user-requested using uuid value value's values varying version view
    violates violation wait waiting warning was when where while window with without would write wrong xml year zero
    zone
    """.split()  # noqa: SIM905 - prose is easier to keep in order than 400 quoted words
)
