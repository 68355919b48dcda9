"""`entraide explain`: why one situation or one need has the answer that a plan gives it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from exchange.terminal.french import FrenchCommand
from exchange.terminal.manners import INPUT_FILE, Refusal, one_sentence


@click.command(cls=FrenchCommand)
@click.argument("problem", type=INPUT_FILE, metavar="PROBLÈME")
@click.argument("plan", type=INPUT_FILE)
@click.option("--situation", help="Situation à expliquer.")
@click.option("--need", help="Besoin de renfort à expliquer.")
@click.option("--json", "as_json", is_flag=True, help="Écrit des codes et leurs paramètres, en JSON.")
def explain(problem: Path, plan: Path, situation: str | None, need: str | None, as_json: bool) -> None:
    """Dit ce qui a été choisi et pourquoi, pourquoi chaque autre lieu ou personne ne l’est pas, et ce qui suffirait."""
    if (situation is None) == (need is None):
        raise Refusal("Indiquez soit --situation, soit --need.")
    from exchange.planning.explanations import document_of, explain_need_of_files, explain_situation_of_files
    from exchange.terminal.explained import need_told, situation_told

    # What cannot be read, or cannot be explained, is told as it is: the sentence names the key, or the id.
    with one_sentence(ValueError):
        if situation is not None:
            of_situation = explain_situation_of_files(problem, plan, situation)
            document, told = document_of(of_situation), situation_told(of_situation)
        else:
            of_need = explain_need_of_files(problem, plan, str(need))
            document, told = document_of(of_need), need_told(of_need)
    click.echo(json.dumps(document, ensure_ascii=False, indent=1) if as_json else "\n".join(told))
