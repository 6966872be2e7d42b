"""python -m threadmem_langgraph import: the threads of a PostgresSaver database move in."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence

import psycopg

from .mover import Report, move

HOW = """Threads are moved with all their history, and every state of it is compared. What is there already stays, so that the
same command goes on after it was interrupted, and catches up with what was said meanwhile. The status is 1 when a
thread could not be moved, or not wholly."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m threadmem_langgraph")
    commands = parser.add_subparsers(required=True, metavar="import")
    importing = commands.add_parser("import", help="move the threads of a PostgresSaver database", description=HOW)
    importing.add_argument("--from", dest="source", required=True, metavar="URL", help="the database of PostgresSaver")
    importing.add_argument(
        "--to",
        default=os.environ.get("DATABASE_URL", ""),
        metavar="URL",
        help="the database with threadmem: DATABASE_URL, or what PGHOST and so on say",
    )
    importing.add_argument("--tenant", help="to whom the threads belong")
    importing.add_argument("--thread", action="append", metavar="ID", help="only this one; may be repeated")
    given = parser.parse_args(arguments)
    with psycopg.connect(given.source, autocommit=True) as source, psycopg.connect(given.to, autocommit=True) as target:
        report = move(source, target, tenant=given.tenant, threads=given.thread, told=progress())
    tell(report)
    return 1 if report.failed else 0


def progress() -> Callable[[Report], None]:
    """A line that is written over, or one every ten seconds where nobody looks."""
    started = last = time.monotonic()
    seen = sys.stderr.isatty()

    def told(report: Report) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < (0.2 if seen else 10):
            return
        last = now
        rate = report.checkpoints / (now - started)
        line = f"{report.done} of {report.threads} threads, {report.checkpoints} checkpoints, {rate:.0f} a second"
        print(f"\r{line}\x1b[K" if seen else line, end="" if seen else "\n", file=sys.stderr, flush=True)

    return told


def tell(report: Report) -> None:
    for thread, why in report.skipped.items():
        print(f"skipped {thread}: {why}")
    for thread, why in report.failed.items():
        print(f"not moved {thread}: {why}")
    if report.classes:
        print("classes that a saver has to be allowed, so that their values come as objects:")
        print(f"    allow={sorted(report.classes)}")
    print(
        f"{report.moved} threads moved with {report.checkpoints} checkpoints, all compared; {report.present} were there,"
        f" {len(report.skipped)} skipped, {len(report.failed)} not moved"
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted: the same command goes on from here")
