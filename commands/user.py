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
        from services.default_roles import make_default_roles

        make_default_roles()
        _check_role(role)
        click.echo(staff.add_staff(command_actor(), email, role=role, name=name))


@command.command()
@click.argument("email")
def password(email: str) -> None:
    """Give somebody a new random password, printed this once; all their sessions end."""
    with opened_house():
        from services import staff

        new = secrets.token_urlsafe(12)
        staff.set_password(command_actor(), _staff_id(email), new)
        click.echo(new)


@command.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Take somebody's second factor away, such as after a lost phone; all their sessions end, a mail tells them."""
    with opened_house():
        from billing.errors import AlreadyDone
        from services import second_factor

        try:
            second_factor.reset(command_actor(), _staff_id(email))
        except AlreadyDone:
            raise click.ClickException(f"{email} has no second factor") from None
        click.echo(f"{email} logs in with the password alone again")


def _staff_id(email: str) -> int:
    from services import staff

    found = staff.by_email(email)
    if found is None:
        raise click.ClickException(f"nobody logs in with {email}")
    return int(found.id)


def _check_role(role: str) -> None:
    from sqlalchemy import select

    from extensions import db
    from models import Role

    names = db.session.scalars(select(Role.name).order_by(Role.name)).all()
    if role not in names:
        raise click.BadParameter(f"no role {role!r}; there are {', '.join(names)}", param_hint="--role")
