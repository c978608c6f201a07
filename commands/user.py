"""Logins of staff."""

from __future__ import annotations

import secrets

import click

from commands._house import command_actor, opened_house


@click.group()
def command() -> None:
    """Logins of staff."""


@command.command()
@click.argument("email")
@click.option("--role", required=True, help="Name of a role, such as Inhaber, Support or Buchhaltung.")
@click.option("--name", default="", help="The person's name.")
def add(email: str, role: str, name: str) -> None:
    """Let somebody in. The password is random and printed this once."""
    with opened_house():
        from services import staff

        staff.make_default_roles()
        _check_role(role)
        click.echo(staff.add_staff(command_actor(), email, role=role, name=name))


@command.command()
@click.argument("email")
def password(email: str) -> None:
    """Give somebody a new random password, printed this once; all their sessions end."""
    with opened_house():
        from sqlalchemy import select

        from extensions import db
        from models import Staff
        from services import staff

        found = db.session.scalar(select(Staff.id).where(Staff.email == email.strip().lower()))
        if found is None:
            raise click.ClickException(f"nobody logs in with {email}")
        new = secrets.token_urlsafe(12)
        staff.set_password(command_actor(), found, new)
        click.echo(new)


def _check_role(role: str) -> None:
    from sqlalchemy import select

    from extensions import db
    from models import Role

    names = db.session.scalars(select(Role.name).order_by(Role.name)).all()
    if role not in names:
        raise click.BadParameter(f"no role {role!r}; there are {', '.join(names)}", param_hint="--role")
