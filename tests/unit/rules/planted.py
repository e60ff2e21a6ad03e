"""Values that must never leave, planted in statements, errors, URLs and texts as they occur in services."""

from __future__ import annotations

# Kind of text -> texts; every value between « and » is planted, the marks themselves are taken out.
_STATEMENTS = r"""
SELECT * FROM users WHERE email = '«alice@example.com»' AND age > «4711»
SELECT * FROM users WHERE name = '«O''Brien-9»'
SELECT * FROM users WHERE name = E'«O\'Neill»\n'
SELECT * FROM users WHERE name = e'«back\\slash77»'
SELECT U&'«d\0061ta88»', U&'«d!0061ta89»' UESCAPE '!'
SELECT B'«101110111»', X'«1FFDEAD»', b'«0101011»', x'«cafe99»', N'«national»'
SELECT «0xDEADBEEF», «0b101101», «0o7757», «1_500_777»
SELECT «3.14159», «2718e-3», «.57721», «6.022E+23», «42424.»
SELECT -«98765», +«87654», a - «76543», a-«65432»
SELECT $$«dollar one»$$, $tag$«dollar $$ two»$tag$, $ä$«dollar three»$ä$
SELECT $outer$ x $inner$«nested 31»$inner$ $outer$
SELECT date '«1999-12-31»', timestamp with time zone '«2001-02-03 04:05:06+07»', interval '«13 days»'
SELECT '{"card": "«4111111111111111»"}'::jsonb -> 'n', '«{11,22,33}»'::int[], ARRAY[«7771», «7772»], ARRAY['«arr77»']
SELECT CAST('«cast55»' AS text), '«192.0.2.55»'::inet, '«6ba7b810-9dad»'::uuid, «12345678901234567890»::numeric
SELECT * FROM t WHERE a IN ('«in-one»', '«in-two»') AND b IN («101001», «101002»)
SELECT * FROM t WHERE a BETWEEN «55501» AND «55502» LIMIT «55503» OFFSET «55504»
SELECT * FROM t WHERE a LIKE '%«like44»%' ESCAPE '\' AND b = '«after-escape»'
SELECT * FROM t WHERE doc @> '{"k": "«jsonpath66»"}' AND doc ? '«key67»'
SELECT 1 /* user=«comment12» */, 2 -- «comment13»
SELECT 1 /* outer /* «comment14» */ «comment15» */ FROM t
SELECT 1 --«comment16»
SELECT 'it''s «quoted21»', 'C:\\«path22»\\', '--«notcomment23»', '/*«notcomment24»*/'
SELECT 'C:\', '«backslash31»'
SELECT 'a\' , «hidden32» , '«hidden33»'
SELECT '«unterminated41»
SELECT $$«unterminated42»
SELECT E'x\'«unterminated43»
SELECT /* «unterminated44»
SELECT "col" FROM "«bob@example.com»"
SELECT "«unterminated45»
INSERT INTO t (a, b) VALUES ('«row-one»', «90001»), ('«row-two»', «90002»)
INSERT INTO t VALUES (DEFAULT, NULL, now(), '«row-three»') ON CONFLICT (a) DO UPDATE SET b = '«row-four»'
UPDATE t SET a = '«set81»', b = b + «80801» WHERE c = '«set82»' RETURNING '«set83»'
DELETE FROM t WHERE token = '«ghp_abcdefghijklmnopqrstuvwxyz0123456789»'
MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = '«merge61»'
WITH x AS (SELECT '«with51»' AS a) SELECT * FROM x WHERE a <> '«with52»'
CREATE TABLE copy_of AS SELECT '«ctas91»' AS a
CREATE ROLE app LOGIN PASSWORD '«rolepw71»' VALID UNTIL '«2031-01-01»'
ALTER ROLE app PASSWORD '«rolepw72»'; SELECT 1
alter user app with encrypted password «rolepw73»
CREATE USER MAPPING FOR app SERVER s OPTIONS (user '«mapped74»', password '«mapped75»')
CREATE SUBSCRIPTION s CONNECTION 'host=h password=«subpw76»' PUBLICATION p
ALTER SYSTEM SET primary_conninfo = 'password=«syspw77»'
SET app.current_token TO «settoken78»
SET LOCAL app.user = '«setuser79»'; SELECT 1
SET SESSION AUTHORIZATION '«setauth80»'
SELECT set_config('app.token', '«setconfig81»', true)
DO $body$ BEGIN PERFORM login('«dobody82»'); END $body$
DO LANGUAGE plpgsql 'BEGIN RAISE NOTICE ''«dobody83»''; END'
COPY t (a, b) FROM STDIN;
COPY t FROM STDIN WITH (FORMAT csv, DELIMITER '|');
CALL refresh('«call84»', «84840»)
EXECUTE plan1('«exec85»', «85850»)
NOTIFY channel, '«notify86»'
PREPARE p AS SELECT '«prepare87»'
COMMENT ON TABLE t IS '«commenton88»'
SELECT dblink_connect('host=h user=u password=«dblink89»')
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $f$ SELECT '«function90»' $f$
SELECT '«two»'
'«continued91»'
"""

STATEMENTS: tuple[str, ...] = (
    *(line for line in _STATEMENTS.strip("\n").split("\n") if line),
    "COPY t (a, b) FROM STDIN;\n1\t«copydata95»\n\\.\n",
    "COPY t FROM stdin\n«copydata96»\t2\n",
    "SELECT '«multi\nline97»', 2",
    "SELECT 1, -- «comment98»\r'«carriage99»'",
    "SELECT \u2018«smart92»\u2019",
    "SELECT '«nul\0inside»', '«\u202ertl-mark»'",
)

# (type of the exception, message)
ERRORS: tuple[tuple[str, str], ...] = (
    (
        "psycopg2.errors.UniqueViolation",
        (
            'duplicate key value violates unique constraint "users_email_key"\n'
            "DETAIL:  Key (email)=(«carol@example.com») already exists.\n"
        ),
    ),
    (
        "psycopg2.errors.CheckViolation",
        'new row for relation "t" violates check constraint "c"\nDETAIL:  Failing row contains («31337», «dave»).\n',
    ),
    (
        "ForeignKeyViolation",
        'insert or update on table "a" violates foreign key constraint "b"\nDETAIL:  Key (x)=(«60606») is not present.',
    ),
    (
        "psycopg2.errors.InvalidTextRepresentation",
        "invalid input syntax for type integer: \"«not-a-number»\"\nLINE 1: SELECT '«not-a-number»'::int\n   ^\n",
    ),
    ("InvalidTextRepresentation", 'invalid input syntax for type integer: "a"«inner quote»"b"'),
    ("InvalidTextRepresentation", 'invalid input syntax for type json\nDETAIL:  Token "«jsontoken»" is invalid.'),
    ("InvalidTextRepresentation", 'invalid input syntax for type json: "«first part»\n«second part»"'),
    ("psycopg2.errors.InvalidTextRepresentation", 'invalid input value for enum mood: "«gleeful»"'),
    ("psycopg2.errors.NumericValueOutOfRange", 'value "«99999999999»" is out of range for type integer'),
    ("psycopg2.errors.DatetimeFieldOverflow", 'date/time field value out of range: "«2020-13-45»"'),
    (
        "psycopg2.errors.UndefinedColumn",
        'column "«erin@example.com»" does not exist\nLINE 1: SELECT "«erin@example.com»"',
    ),
    ("psycopg2.errors.UndefinedColumn", 'column "frank" «smith 12» does not exist'),
    ("psycopg2.errors.SyntaxError", "syntax error at or near \"«sesame»\"\nLINE 1: SELECT '«open»'«sesame»"),
    ("SyntaxError", 'unterminated quoted string at or near "\'«half a value»"\nLINE 1: x'),
    ("psycopg2.errors.RaiseException", "patient «grace hopper» is not allowed\nCONTEXT:  PL/pgSQL function f() line 3"),
    ("asyncpg.exceptions.RaiseError", "patient «heidi klum» is not allowed"),
    ("psycopg2.errors.UniqueViolation", "address «ivan@example.com» is taken by «Judy»"),
    ("sqlalchemy.exc.InternalError", "(psycopg2.errors.RaiseException) balance of «kate» is «77123»"),
    (
        "sqlalchemy.exc.IntegrityError",
        (
            '(psycopg2.errors.UniqueViolation) duplicate key value violates unique constraint "c"\nDETAIL:  Key (e)='
            "(«leo@example.com») already exists.\n\n[SQL: INSERT t VALUES ('«leo2»')]\n[parameters: {'e': '«leo3»'}]\n"
        ),
    ),
    ("sqlalchemy.exc.ProgrammingError", "(psycopg2.ProgrammingError) can't adapt type [SQL: SELECT '«mallory»']"),
    (
        "psycopg2.OperationalError",
        (
            'connection to server at "«10.11.12.13»", port «54321» failed: FATAL:  '
            'password authentication failed for user "«niaj»"\n'
        ),
    ),
    ("psycopg2.OperationalError", 'invalid dsn: missing "=" after "«dsnsecret»" in connection info string'),
    ("asyncpg.exceptions.UniqueViolationError", 'duplicate key value violates unique constraint "c"\nDETAIL: «olivia»'),
    ("sqlite3.IntegrityError", "UNIQUE constraint failed: «peggy»"),
    ("app.errors.Refused", 'duplicate key value violates unique constraint "c"\nDETAIL:  Key (e)=(«quentin»)'),
    (
        "requests.exceptions.ConnectionError",
        (
            "HTTPSConnectionPool(host='api.github.com', port=443): Max retries exceeded with url: "
            "/user?access_token=«urllib-token-1»&x=«urllib-2» (Caused by NewConnectionError('refused'))"
        ),
    ),
    (
        "requests.exceptions.HTTPError",
        "401 Client Error: Unauthorized for url: https://api.github.com/user?client_secret=«cs44»",
    ),
    ("ValueError", "bad credential ghp_«0123456789abcdefghijABCDEFGHIJ012345» given"),
    ("RuntimeError", "could not reach postgres://app:«dsnpw45»@db.internal/app"),
    ("RuntimeError", "first line\nsecond line with «second46»"),
)

URLS: tuple[str, ...] = (
    "https://user:«userpw1»@api.github.com/repos/a/b",
    "https://«tokenasuser2»@github.com/a/b.git",
    "https://api.github.com/user?access_token=«query3»&per_page=«10004»",
    "https://h/cb#access_token=«fragment5»",
    "https://h/x?«bare6»",
    "/login?next=«next7»&code=«code8»",
    "//user:«userpw9»@h/x?y=«query10»",
    "http://[2001:db8::1]:8080/x?z=«query11»",
    "https://«u12»:«pw13»@xn--mnchen-3ya.de/",
    "https://s3.amazonaws.com/b/k?X-Amz-Signature=«sig14»&X-Amz-Credential=«cred15»",
    "https://hooks.slack.com/services/T00000000/B00000000/«aB3dE5fG7hI9jK1lM3nO5pQ7»",
    "https://h/reset/«deadbeefdeadbeefdeadbeefdeadbeef»/done",
    "https://h/t/«ghp_0123456789abcdefghijABCDEFGHIJ012345»",
    "https://h/j/«eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl»",
    "https://h/api/«sk-abcdef16»",
    "https://api.telegram.org/bot«123456789:AAF-abcdefghijklmnopqrstuvwxyz012345»/send",
    "https://h/p;jsessionid=«session17»/x",
    "https://h/people/«rita@example.com»/x",
    "https://h/people/«sybil»%40«example.org»",
    "https://h/x%3Faccess_token%3D«encoded18»",
    "https://h/day=«2020-01-19»/x",
    "postgres://app:«pw/with/slash20»@db/app",
    "postgresql://app:«pw?with?query21»@db/app",
    "https://app:«12?34»@h/",
    "http://app:«pw with space22»@h/",
    "http://app:«pw23»\\@h/",
    "mailto:«trent@example.com»",
    "data:text/plain;base64,«c2VjcmV0»",
    "http://«" + "v" * 300 + "»/x",
    "HTTPS://A:«pw24»@H/?«q25»",
    "git+ssh://git:«pw26»@h/r",
)

TEXTS: tuple[str, ...] = (
    "Bearer «bearer1.token»",
    "got header Authorization: token «authtoken2» from proxy",
    "{'Authorization': 'Basic «YWJjOmRlZg==»', 'Accept': 'x'}",
    "Cookie: a=«cookie3»; b=«cookie4»",
    "ghp_«abcdefghijklmnopqrstuvwxyz0123456789» gho_«bcdefghijklmnopqrstuvwxyz0123456789»",
    "ghs_«cdefghijklmnopqrstuvwxyz0123456789», ghu_«defghijklmnopqrstuvwxyz01234», ghr_«efghijklmnopqrstuvwxyz»",
    "github_pat_«11ABCDEFG0abcdefghij_klmnopqrstuvwxyz»",
    "token eyJ«hbGciOiJSUzI1NiJ9».«eyJpc3MiOiJ4In0».«c2lnbmF0dXJl»",
    "key sk-«proj-abcdefghijklmnop» and xoxb-«1234-5678-abcdef»",
    "AKIA«IOSFODNN7EXAMPLE» AIza«SyA-abcdefghijklmnopqrstuvwxyz01234»",
    "glpat-«abcdefghij» npm_«abcdefghijklmnopqrstuvwxyz» hf_«abcdefghijklmnopqrst»",
    "password=«hunter2» next",
    "password = '«hunter\\'s three»' next",
    'PGPASSWORD="«hunter four»" psql',
    "passwd: «hunter5»",
    '{"client_secret": "«hunter six»", "api_key":"«hunter7»"}',
    "host=db user=app password=«hunter,8;x» dbname=app",
    "secret=«hunter9»&token=«hunter10»",
    "see https://u:«hunter11»@h/x?y=«hunter12», then go on",
    "dsn postgresql+psycopg2://app:«hunter13»@db:5432/app failed",
    "redis://:«hunter14»@cache:6379/0",
    "GET /user?access_token=«hunter15» HTTP/1.1",
    "refresh_token: «hunter16»",
    "x-api-key: «hunter 17»",
    "-----BEGIN RSA PRIVATE KEY-----\n«MIIEabc»\n-----END RSA PRIVATE KEY-----",
    "stripe sk_live_«abcdefgh18» whsec_«abcdefgh19»",
)


def split(marked: str) -> tuple[str, tuple[str, ...]]:
    """Returns a text without its marks, and the values that stood between them."""
    values = tuple(part.partition("»")[0] for part in marked.split("«")[1:])
    return marked.replace("«", "").replace("»", ""), values


def leaked(output: object, values: tuple[str, ...]) -> list[str]:
    """Returns the planted values of which an output, or anything within it, still holds a part worth hiding."""
    shown = str(output)
    return [part for value in values for part in (value, *_words(value)) if part in shown]


def _words(value: str) -> list[str]:
    return [word for word in value.replace("\n", " ").split() if len(word) >= 5]
