"""A revision's file, from the statements of both engines."""

from collections.abc import Sequence

from tools.revision.difference import Rebuild, Step

__all__ = ["render"]

_INDENT = " " * 8


def render(
    message: str,
    revision: str,
    down_revision: str,
    *,
    up: tuple[Sequence[Step], Sequence[Step]],
    down: tuple[Sequence[Step], Sequence[Step]],
) -> str:
    """The text of the file.

    Args:
        message: what the revision does, as a sentence.
        revision: its number.
        down_revision: the number of the one before.
        up: the steps on PostgreSQL, and those on SQLite.
        down: the same, back again.
    """
    every = [*up[0], *up[1], *down[0], *down[1]]
    names = ["is_postgresql"]
    if any(not isinstance(step, Rebuild) for step in every):
        names.append("execute")
    if any(isinstance(step, Rebuild) for step in every):
        names.append("rebuild")
    sentence = message[:1].upper() + message[1:].rstrip(".")
    return (
        f'''"""{sentence}."""

from vetcore.migrations.steps import {", ".join(sorted(names))}

revision = "{revision}"
down_revision = "{down_revision}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the change."""
{_body(*up)}

def downgrade() -> None:
    """Take the change back."""
{_body(*down)}'''.rstrip()
        + "\n"
    )


def _body(postgresql: Sequence[Step], sqlite: Sequence[Step]) -> str:
    if not postgresql and not sqlite:
        return "    pass\n"
    branches = [("if is_postgresql()", postgresql), ("else", sqlite)]
    if not postgresql:
        branches = [("if not is_postgresql()", sqlite)]
    elif not sqlite:
        branches = branches[:1]
    return "".join(f"    {word}:\n{_calls(steps)}" for word, steps in branches)


def _calls(steps: Sequence[Step]) -> str:
    return "".join(f"{_INDENT}{_call(step)}\n" for step in steps)


def _call(step: Step) -> str:
    if isinstance(step, Rebuild):
        return f'rebuild("{step.table}", {_literal(step.create)})'
    return f"execute({_literal(step.sql)})"


def _literal(sql: str) -> str:
    """A Python string; one of several lines is written as it reads."""
    if "\n" not in sql or '"""' in sql or "\\" in sql:
        return repr(sql)
    lines = (line.rstrip().expandtabs(4) for line in sql.strip().splitlines())
    return '"""\n' + "\n".join(lines) + '\n"""'
