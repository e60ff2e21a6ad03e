"""Holds the words that database errors are made of; any other word in such an error may be a value."""

from __future__ import annotations

# Words of the messages of PostgreSQL's server and libpq (https://www.postgresql.org/docs/current/errcodes-appendix.html)
# and of the drivers, in lower case.
WORDS = frozenset(
    """
    a abort aborted access active administrator after aggregate aggregates all allowed already ambiguous an and
    another any appear are argument arguments array as at attempt authentication authorization available base be
    because been before between bigint boolean bounds broken but by byte bytes call called calls can canceled
    canceling cancelled cannot cast change changed changes character characters check clause client close closed
    coalesce code column columns command commands commit committed concurrent conflict connect connecting connection
    connections constraint constraints contain contains context conversion convert copy could create cross-database
    current cursor data database databases date date/time deadlock default deferred delete denied depend
    dependencies depends detected determine did different dimensions directory disconnect disk division do does
    double drop due duplicate during each element empty encoding end ended enough entry enum error exceeded exceeds
    exclusion exist existing exists expected expression extension failed failing failure fatal features fetch few
    field file float for for-clause foreign foreign-key found from from-clause function functions got group grouping
    had has have having host identifier idle if immutable in inactivity index inet inherited input insert instead
    insufficient integer internal interval into invalid ip is it its join json jsonb key keyword language large left
    length less level limit locale lock locked long longer lost malformed many matches matching maximum memory
    message missing mixed mode more multiple must name names near nested network new no node non none not not-null
    null number numeric object objects of off on one only open operation operator operators option options or other
    out outside overflow own owner parameter parameters parse partition password path pattern pending permission
    permitted pool port position postgresql precision prepared primary privilege privileges procedure process
    protocol provided psycopg psycopg2 query range reached read read-only read-write real recovery recursive
    referenced references referential refused relation remaining required reserved reset resource returned returning
    returns right role rolled row rows savepoint scale schema select sequence serialize server server-side session
    set should shut shutdown shutting size skip small smallint snapshot socket specified ssl ssl/tls standby
    starting startup statement statements still string subquery superuser support supported syntax system table
    tables temporary terminated terminating text than that the there this time timed timeout timestamp to too
    transaction transactions transparent trigger truncated try tuple two type types undefined unexpected
    unexpectedly union unique unknown unlogged unrecognized unsafe unterminated until update updated updating use
    used user user-requested using uuid value values varying version view violates violation wait waiting warning
    was when where while window with without would write wrong xml year zero zone
    """.split()  # noqa: SIM905 - prose is easier to keep in order than 400 quoted words
)
