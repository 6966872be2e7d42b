"""The errors of the extension, a class for each SQLSTATE of docs/errors.md.

Each is psycopg's class of that code as well, so that code that catches those goes on to work.
"""

from __future__ import annotations

import psycopg
from psycopg import errors


class ThreadmemError(psycopg.DatabaseError):
    """An error that a function tells by its code, which is ``sqlstate``; ``diag`` has the rest."""

    @property
    def detail(self) -> str | None:
        return self.diag.message_detail

    @property
    def hint(self) -> str | None:
        return self.diag.message_hint

    @property
    def table(self) -> str | None:
        """What it is about: the view of the concept, ``threads``, ``messages``, …"""
        return self.diag.table_name

    @property
    def column(self) -> str | None:
        """The key of the table, or the argument that is bad."""
        return self.diag.column_name

    @property
    def constraint(self) -> str | None:
        return self.diag.constraint_name


class NotFound(ThreadmemError, errors.NoDataFound):
    """P0002: there is no such thing, in this tenant and for this user; a late writer of a deleted thread."""


class AlreadyExists(ThreadmemError, errors.UniqueViolation):
    """23505: the id exists already; a message id or a chunk came again with other bytes."""


class MissingParent(ThreadmemError, errors.ForeignKeyViolation):
    """23503: the user or assistant that a thread is to refer to does not exist."""


class BadInput(ThreadmemError, errors.InvalidParameterValue):
    """22023: bad input; ``column`` names the argument."""


class OutOfRange(ThreadmemError, errors.NumericValueOutOfRange):
    """22003: a number out of range."""


class BadText(ThreadmemError, errors.InvalidTextRepresentation):
    """22P02: text that is no JSON, or no value of its type."""


class UnknownCharacter(ThreadmemError, errors.UntranslatableCharacter):
    """22P05: a character that jsonb or the encoding of the database lacks."""


class LostUpdate(ThreadmemError):
    """TM001: expected_version, expected_rev or expected_content is not what is there now. Read again."""

    sqlstate = "TM001"


class WrongState(ThreadmemError, errors.ObjectNotInPrerequisiteState):
    """55000: never in this state: a run that is over, a message that is, or is not, being streamed."""


class Busy(ThreadmemError, errors.ObjectInUse):
    """55006: a run of the thread is queued or in progress, or comes first. Later."""


class TooLarge(ThreadmemError, errors.ProgramLimitExceeded):
    """54000: a body over threadmem.max_body, a state that jsonb cannot hold."""


class TooDeep(ThreadmemError, errors.StatementTooComplex):
    """54001: JSON nested deeper than max_stack_depth allows."""


class Denied(ThreadmemError, errors.InsufficientPrivilege):
    """42501: the role or the narrowed session may not do this."""


class NotSupported(ThreadmemError, errors.FeatureNotSupported):
    """0A000: not supported."""


class Damaged(ThreadmemError, errors.DataCorrupted):
    """XX001: a row was damaged or removed by hand; ``column`` names what."""


class CheckViolation(ThreadmemError, errors.CheckViolation):
    """23514: a statement of one's own writes what no function writes."""


class NotNullViolation(ThreadmemError, errors.NotNullViolation):
    """23502: a statement of one's own writes what no function writes."""


class SerializationFailure(ThreadmemError, errors.SerializationFailure):
    """40001: repeat the transaction."""


class DeadlockDetected(ThreadmemError, errors.DeadlockDetected):
    """40P01: repeat the transaction."""


class Cancelled(ThreadmemError, errors.QueryCanceled):
    """57014: the statement was cancelled, or took longer than statement_timeout."""


class GoingDown(ThreadmemError, errors.AdminShutdown):
    """57P01: the server is going down; nobody knows whether the call happened."""


BY_CODE: dict[str | None, type[ThreadmemError]] = {kind.sqlstate: kind for kind in ThreadmemError.__subclasses__()}


def translated(error: psycopg.Error, encoding: str) -> psycopg.Error:
    """The class of its code; what has no class stays as it is, a lost connection for one."""
    kind = BY_CODE.get(error.sqlstate)
    return kind(*error.args, info=error.pgresult, encoding=encoding) if kind else error
