"""Accounts of the demonstration. Their password is drawn by the loader and shown once, never kept here."""

from dataclasses import dataclass
from typing import Final

from exchange.kernel.actor import Role


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One person, one role: over a facility, over an operator, or over the community when both are None.

    `on_call_rank`: 2 is called when the first on call is silent.
    """

    email: str
    display_name: str
    role: Role
    operator: str | None = None
    facility: str | None = None
    on_call_rank: int | None = None


_R = Role

ACCOUNTS: Final = (
    DemoAccount("coordination@demo.invalid", "Hélène Vorey", _R.COORDINATOR, on_call_rank=2),
    DemoAccount("conseil@demo.invalid", "Samir Aubazine", _R.PATHWAY_ADVISER, on_call_rank=1),
    DemoAccount("observation@demo.invalid", "Observatoire du territoire", _R.OBSERVER),
    DemoAccount("direction.f03@demo.invalid", "Claire Montbuzat", _R.FACILITY_MANAGER, facility="F03"),
    DemoAccount("direction.f05@demo.invalid", "Yann Cressac", _R.FACILITY_MANAGER, facility="F05"),
    DemoAccount("direction.f11@demo.invalid", "Nadia Lamothe-Rey", _R.FACILITY_MANAGER, facility="F11"),
    DemoAccount("direction.f17@demo.invalid", "Bruno Alleret", _R.FACILITY_MANAGER, facility="F17"),
    DemoAccount("direction.f20@demo.invalid", "Mireille Servissac", _R.FACILITY_MANAGER, facility="F20"),
    DemoAccount("astreinte.a02@demo.invalid", "Astreinte du Fil du Lignon", _R.ON_CALL_MANAGER, operator="A02"),
    DemoAccount(
        "astreinte.a03@demo.invalid",
        "Astreinte des Orgues de Basalte",
        _R.ON_CALL_MANAGER,
        operator="A03",
        on_call_rank=1,
    ),
    DemoAccount("seconde.a03@demo.invalid", "Jeanne Malafosse", _R.ON_CALL_MANAGER, operator="A03", on_call_rank=2),
    DemoAccount("astreinte.a01@demo.invalid", "Paul Queyrières", _R.ON_CALL_MANAGER, operator="A01"),
    DemoAccount("astreinte.a04@demo.invalid", "Astreinte de Rives Claires", _R.ON_CALL_MANAGER, operator="A04"),
    DemoAccount("astreinte.a05@demo.invalid", "Astreinte du Gué de Briva", _R.ON_CALL_MANAGER, operator="A05"),
    DemoAccount("astreinte.a06@demo.invalid", "Odile Chanteloube", _R.ON_CALL_MANAGER, operator="A06"),
    DemoAccount("astreinte.a07@demo.invalid", "Karim Peyrebrune", _R.ON_CALL_MANAGER, operator="A07"),
    DemoAccount("astreinte.a08@demo.invalid", "Lucie Bonnefont", _R.ON_CALL_MANAGER, operator="A08"),
    DemoAccount("astreinte.a09@demo.invalid", "Denis Freycenet", _R.ON_CALL_MANAGER, operator="A09"),
    DemoAccount("astreinte.a10@demo.invalid", "Aïcha Vergezac", _R.ON_CALL_MANAGER, operator="A10"),
    DemoAccount("astreinte.p01@demo.invalid", "Gilles Rochelimagne", _R.ON_CALL_MANAGER, operator="P01"),
)
