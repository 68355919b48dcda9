"""What the terminal says once everything runs: where to go, as whom, and what to click first."""

from pathlib import Path

import msgspec

WIDTH = 92


class DemoPerson(msgspec.Struct, frozen=True):
    email: str
    name: str
    role: str


class DemoAccess(msgspec.Struct, frozen=True):
    """The accounts of the demonstration. `password` is theirs all; None when it was drawn elsewhere and not kept."""

    people: tuple[DemoPerson, ...]
    password: str | None


def read_access(path: Path) -> DemoAccess | None:
    """The access kept by the former start, or None."""
    return msgspec.json.decode(path.read_bytes(), type=DemoAccess) if path.exists() else None


def keep_access(path: Path, access: DemoAccess) -> None:
    """Write for this account alone: a password, even of fictional people, is nobody else's business."""
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(access))


def welcome(access: DemoAccess, site_url: str, mail_url: str | None, seconds: float) -> str:
    lines = [
        "",
        "─" * WIDTH,
        f"Entraide est prête (en {seconds:.1f} s) : {site_url}".replace(".", ",", 1),
    ]
    if mail_url:
        lines.append(f"Courriels envoyés par l’application : {mail_url}")
    lines += ["", f"Comptes de démonstration (mot de passe : {access.password or 'celui du premier démarrage'})"]
    longest = max((len(person.email) for person in access.people), default=0)
    lines += [f"  {person.email:<{longest}}  {person.role} — {person.name}" for person in access.people]
    lines += [
        "",
        "Pour commencer : ouvrez l’adresse ci-dessus, entrez avec coordination@demo.invalid et regardez le tableau ;",
        "puis entrez avec conseil@demo.invalid et retenez une proposition pour la situation la plus urgente.",
        "L’établissement répond avec son compte de direction ; les liens à suivre arrivent dans les courriels.",
        "",
        "Ctrl-C arrête tout ; les données restent.",
        "─" * WIDTH,
    ]
    return "\n".join(lines)
