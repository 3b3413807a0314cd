"""Statements whose SQL is made once, and which PostgreSQL parses and plans once per connection.

For the few that every request runs: building such a statement in the ORM, and sending it as new, costs several times
what it takes to run.
"""

from __future__ import annotations

import re
import select
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import cache, lru_cache, partial
from hashlib import sha256
from inspect import getattr_static
from itertools import count
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import JSONField, Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from psycopg.adapt import AdaptersMap, PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.types.datetime import TimestamptzLoader

TEXT = "\x00the parameter\x00"  # no real value: PostgreSQL cannot store a NUL
INSERTED = 500
KEPT_PARAMETERS = 150
PLAIN = {"BooleanField", "CharField", "DateTimeField", "PositiveIntegerField", "PositiveSmallIntegerField"}
PLAIN |= {"TextField", "UUIDField", "GenericIPAddressField"}
BINARY, TEXTUAL = PyFormat.BINARY, PyFormat.TEXT
SET_PLAINLY = {DeferredAttribute, ForeignKeyDeferredAttribute}
IDS = (UUID(int=1), UUID(int=2))  # no real values either: ours are of version 7

Object = TypeVar("Object", bound=Model)
Rows = list[tuple[Any, ...]]
Insertion = tuple[str, list[Any]]
Readers = list[Callable[[Model], Any]]
# The server does not have it (any more), or what it reads has other columns by now.
FORGOTTEN = (psycopg.errors.InvalidSqlStatementName, psycopg.errors.FeatureNotSupported)
_PLACEHOLDER = re.compile(r"%[s%]")


class Packed(bytes):
    """A value in PostgreSQL's binary form, which a prepared statement is given as it is. ``text`` is its other form."""

    @property
    def text(self) -> str:
        raise NotImplementedError


class _EmptyObject(Packed):
    """Most free JSON is empty: then nothing needs to be written or read as JSON."""

    text = "{}"


EMPTY_OBJECT = _EmptyObject(b"\x01{}")  # jsonb of version 1


def unpacked(params: Sequence[Any]) -> list[Any]:
    """The values for a cursor, which writes them into the statement."""
    return [value.text if isinstance(value, Packed) else value for value in params]


def run(sql: str, params: Sequence[Any] = ()) -> Rows:
    """The rows of one statement with ``%s`` in it, none when it returns none.

    Its text stays with its connection, unless it is a long one (of many rows, whose number varies). PostgreSQL takes
    the type of a value from where it stands; where that does not say, the text has to (``%s::int``).
    """
    database = connections[DEFAULT_DB_ALIAS]
    if len(params) > KEPT_PARAMETERS or database.queries_logged or database.execute_wrappers:
        with database.cursor() as cursor:
            cursor.execute(sql, unpacked(params))
            return list(cursor.fetchall()) if cursor.description else []
    if database.connection is None:
        database.ensure_connection()
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        return _run(database.connection, sql, params)


@contextmanager
def aside(sql: str, params: Sequence[Any] = ()) -> Iterator[Callable[[], Rows]]:
    """Run one statement while this thread does something else; what is given waits for its rows, and is called once.

    It runs on another connection of the pool, if one is free at once. Else it runs when it is waited for. What nobody
    waits for ends with its connection, which the pool replaces.
    """
    database: Any = connections[DEFAULT_DB_ALIAS]
    with nullcontext() if database.queries_logged or database.execute_wrappers else database.spare() as other:
        if other is None:
            yield partial(run, sql, params)
            return
        with database.wrap_database_errors:
            _send(other, sql, params)
        yield partial(_received, database, other, sql, params)


def _send(other: Any, sql: str, params: Sequence[Any]) -> None:
    kept = _kept(other)
    _prepare(other, kept.names, sql)
    other.pgconn.send_query_prepared(_named(sql)[0], *_dumped(kept, params))
    while other.pgconn.flush():
        _wait(other, select.POLLOUT)


def _received(database: Any, other: Any, sql: str, params: Sequence[Any]) -> Rows:
    with database.wrap_database_errors:
        while other.pgconn.is_busy():
            _wait(other, select.POLLIN)
            other.pgconn.consume_input()
        result = other.pgconn.get_result()
        while other.pgconn.get_result() is not None:
            pass
        try:
            return loaded(other, result)
        except FORGOTTEN:
            other.close()
    return run(sql, params)


def _wait(other: Any, event: int) -> None:
    """Until the connection can be read, or written; leaves the interpreter to other threads."""
    poll = select.poll()
    poll.register(other.pgconn.socket, event)
    poll.poll()


def _dumped(kept: _Kept, params: Sequence[Any]) -> tuple[Any, Any]:
    """The values as libpq takes them, and which of them are in binary form."""
    formats = [BINARY if isinstance(value, Packed) else TEXTUAL for value in params]
    return kept.transformer.dump_sequence(params, formats), kept.transformer.formats


def _run(own: Any, sql: str, params: Sequence[Any]) -> Rows:
    """In one call of libpq, which leaves the interpreter to other threads meanwhile."""
    pgconn, kept, name = own.pgconn, _kept(own), _named(sql)[0]
    values, given = _dumped(kept, params)
    if not own.autocommit and pgconn.transaction_status == TransactionStatus.IDLE:
        loaded(own, pgconn.exec_(b"BEGIN"))
    _prepare(own, kept.names, sql)
    try:
        return loaded(own, pgconn.exec_prepared(name, values, given))
    except FORGOTTEN:
        kept.names.discard(name)
        if pgconn.transaction_status != TransactionStatus.IDLE:
            raise
        loaded(own, pgconn.exec_(b"DEALLOCATE ALL"))
        kept.names.clear()
        _prepare(own, kept.names, sql)
        return loaded(own, pgconn.exec_prepared(name, values, given))


class _Kept:
    """What stays with a connection: the names of its statements, and how values become Python's.

    Moments are read in C as long as the connection's zone is UTC; Django's own way is the same, in Python.
    """

    def __init__(self, own: Any) -> None:
        self.connection, self.adapters, self.names = own, AdaptersMap(own.adapters), set[bytes]()
        if own.info.parameter_status("TimeZone") == "UTC":
            self.adapters.register_loader("timestamptz", TimestamptzLoader)
        self.transformer = Transformer(self)


def _kept(own: Any) -> _Kept:
    try:
        return own.spaces_kept  # type: ignore[no-any-return]
    except AttributeError:
        own.spaces_kept = _Kept(own)
        return own.spaces_kept  # type: ignore[no-any-return]


def _prepare(own: Any, names: set[bytes], sql: str) -> None:
    name, text = _named(sql)
    if name not in names:
        with suppress(psycopg.errors.DuplicatePreparedStatement):  # a pooler's, by another of our processes
            loaded(own, own.pgconn.prepare(name, text))
        names.add(name)


@lru_cache(maxsize=1024)
def _named(sql: str) -> tuple[bytes, bytes]:
    """A name for the statement, the same in every process, and its text as PostgreSQL numbers its parameters."""
    numbers = count(1)
    text = _PLACEHOLDER.sub(lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", sql).encode()
    return b"spaces_" + sha256(text).hexdigest()[:32].encode(), text


def loaded(own: Any, result: Any) -> Rows:
    """The rows of what libpq answered. Raises psycopg's error when it is one."""
    if result.status == ExecStatus.TUPLES_OK:
        transformer = _kept(own).transformer
        transformer.set_pgresult(result)
        return transformer.load_rows(0, result.ntuples, tuple)
    if result.status != ExecStatus.COMMAND_OK:
        if own.pgconn.status == ConnStatus.BAD:
            raise psycopg.OperationalError(own.pgconn.get_error_message())
        raise error_from_result(result)
    return []


class PreparedRow:
    """One row of a model with those it links to, or all: ``PreparedRow(build, "user", "account")``.

    ``build`` makes the queryset, once, of conditions that depend on nothing but its arguments and the database
    (``Now()``, not ``timezone.now()``). ``stand_ins`` are what it is given: TEXT, or some of IDS. ``links``
    are names of foreign keys to be fetched with it. Generated columns are left out, and what ``build`` defers: each of
    those is asked for when somebody reads it.
    """

    def __init__(self, build: Callable[..., QuerySet[Any]], *links: str, stand_ins: Sequence[Any] = (TEXT,)) -> None:
        self.build, self.links, self.stand_ins = build, links, stand_ins
        self._sql: dict[bool, tuple[str, tuple[Any, ...]]] = {}
        self._models: list[tuple[type[Model], list[str]]] = []
        self._converters: list[tuple[int, Callable[..., Any]]] = []

    def get(self, *values: Any) -> Any:
        """The object with its links set, or None; ``values`` stand where the stand-ins stood."""
        rows = self._rows(values, is_one=True)
        return self._object(list(rows[0])) if rows else None

    def all(self, *values: Any) -> list[Any]:
        """Every object, in the order that ``build`` gives them."""
        return [self._object(list(row)) for row in self._rows(values, is_one=False)]

    def _rows(self, values: Sequence[Any], *, is_one: bool) -> Rows:
        sql, params = self._sql.get(is_one) or self._prepare(is_one)
        given = dict(zip(self.stand_ins, values, strict=True))
        return run(sql, [given.get(each, each) for each in params])

    def _prepare(self, is_one: bool) -> tuple[str, tuple[Any, ...]]:
        rows = self.build(*self.stand_ins)
        linked = [(f"{link}__", rows.model._meta.get_field(link).related_model) for link in self.links]
        found: list[tuple[str, Any]] = [("", rows.model), *linked]
        later, is_deferred = rows.query.deferred_loading
        assert is_deferred, "what only() leaves would have to be told from what defer() does"
        fields = {at: [field for field in _stored(model) if f"{at}{field.name}" not in later] for at, model in found}
        stored = [(at, field) for at, some in fields.items() for field in some]
        self._models = [(model, [field.attname for field in fields[at]]) for at, model in found]
        self._converters = [
            (place, convert)
            for place, (_, field) in enumerate(stored)
            for convert in field.get_db_converters(connection)
        ]
        names = [f"{prefix}{field.attname}" for prefix, field in stored]
        wanted = rows.order_by()[:1] if is_one else rows
        self._sql[is_one] = wanted.values_list(*names).query.sql_with_params()
        return self._sql[is_one]

    def _object(self, values: list[Any]) -> Any:
        for place, convert in self._converters:
            if (value := values[place]) is not None:
                values[place] = {} if value == EMPTY_OBJECT.text else convert(value, None, connection)
        made: list[Any] = []
        for model, names in self._models:
            made.append(bare(model, zip(names, values, strict=False), adding=False))
            del values[: len(names)]
        for link, linked in zip(self.links, made[1:], strict=True):
            made[0]._meta.get_field(link).set_cached_value(made[0], linked)
        return made[0]


def bare(model: type[Object], values: Mapping[str, Any] | Iterable[tuple[str, Any]], *, adding: bool) -> Object:
    """An object of these values, all that its table has, made without asking each field of it and each listener."""
    made = model.__new__(model)
    made._state = ModelState()
    made._state.adding, made._state.db = adding, DEFAULT_DB_ALIAS
    made.__dict__.update(values)
    return made


def fresh(model: type[Object], values: Mapping[str, Any]) -> Object:
    """A new object, as ``model(**values)`` makes it: from columns alone it does so without asking each field."""
    constants, makers = _defaults(model)
    if not constants or not values.keys() <= constants.keys() | makers.keys():
        return model(**values)
    made = {name: make() for name, make in makers.items() if name not in values}
    return bare(model, {**constants, **made, **values}, adding=True)


@cache
def _defaults(model: type[Model]) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    """What each column begins with, where that is a plain value, and what makes it where it is not. Neither has any, if
    a field of the model is particular about how its value is set (SealedField)."""
    constants: dict[str, Any] = {}
    makers: dict[str, Callable[[], Any]] = {}
    for field in _stored(model):
        if type(getattr_static(model, field.attname)) not in SET_PLAINLY:
            return {}, {}
        if callable(field.default) and field.has_default():
            makers[field.attname] = field.default
        else:
            constants[field.attname] = field.get_default()
    return constants, makers


def _stored(model: Any) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.generated]


def insert_rows(rows: Sequence[Model]) -> None:
    """Insert new objects of one model, in one statement per INSERTED of them, as ``bulk_create`` does.

    Generated columns are not read back: of a long text that is much, and nobody needs it.
    """
    for start in range(0, len(rows), INSERTED):
        some = rows[start : start + INSERTED]
        sql, values = insertion(some)
        run(sql, values)
        stored(some)


def insertion(rows: Sequence[Model], computed: Mapping[str, str] | None = None) -> Insertion:
    """The statement that inserts new objects of one model, and its values. Whoever runs it says so with ``stored``.

    ``computed`` gives SQL in place of the value of some fields; ``{behind}`` in it is how many objects come after one.
    """
    sql, readers = _insert(type(rows[0]), len(rows), tuple((computed or {}).items()))
    return sql, [read(row) for row in rows for read in readers]


def _reader(field: Any) -> Callable[[Model], Any]:
    """Gives what psycopg is given. Of most fields that is the value itself, found without the field's long way."""
    if _is_plain(field):
        return attrgetter(field.attname)

    def read(row: Model) -> Any:
        value = field.pre_save(row, add=True)
        if value == {} and isinstance(field, JSONField):
            return EMPTY_OBJECT
        return value if value is None else field.get_db_prep_save(value, connection)

    return read


def stored(rows: Sequence[Model]) -> None:
    """These objects are in the database from now on."""
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


@lru_cache(maxsize=256)
def _insert(model: type[Model], count: int, computed: tuple[tuple[str, str], ...]) -> tuple[str, Readers]:
    """The SQL, and what reads the values that it takes off an object."""
    made, fields = dict(computed), _stored(model)
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    row = ", ".join(made.get(field.attname, "%s") for field in fields)
    rows = ", ".join(f"({row.replace('{behind}', str(count - 1 - place))})" for place in range(count))
    table = connection.ops.quote_name(model._meta.db_table)
    sql = f"INSERT INTO {table} ({columns}) VALUES {rows}"  # noqa: S608 (names of ours)
    return sql, [_reader(field) for field in fields if field.attname not in made]


def _is_plain(field: Any) -> bool:
    """Whether psycopg takes its values as they are. A field of ours that prepares them itself is not, nor one that
    Django fills at the last moment."""
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return False
    while field.remote_field:
        field = field.target_field
    makers = (field.pre_save, field.get_prep_value, field.get_db_prep_value, field.get_db_prep_save)
    return field.get_internal_type() in PLAIN and all(each.__module__.startswith("django.db.") for each in makers)


def savepoint() -> AbstractContextManager[None]:
    """Around a statement that may fail inside somebody's transaction; outside of one it needs none of its own."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()
