import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from exchange.cli import main
from tests.smtp_sink import SmtpSink


def entraide(*arguments: str | Path) -> tuple[int, str]:
    outcome = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return outcome.exit_code, outcome.output


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_missing_address_is_told_in_one_sentence(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ENTRAIDE_DATA_DIR", str(tmp_path))
    status, output = entraide(command)
    assert status == 1
    assert output.startswith("Erreur : La variable d'environnement DATABASE_URL est absente")
    assert output.count("\n") == 1


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"format": 1, "surprise": true}'])
@pytest.mark.parametrize("command", ["match", "check"])
def test_unusable_problem_file_is_told_in_one_sentence(command: str, content: str, tmp_path: Path) -> None:
    problem = tmp_path / "problem.json"
    problem.write_text(content)
    last = ["--out", tmp_path / "plan.json"] if command == "match" else [problem]
    status, output = entraide(command, problem, *last)
    assert status == 1
    assert output.startswith("Erreur : ")
    assert not (tmp_path / "plan.json").exists()


@pytest.fixture
def with_sink(smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> SmtpSink:
    """The environment of a command that only sends mail: the other addresses lead nowhere."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("SMTP_URL", smtp_sink.url)
    return smtp_sink


def test_test_message_reaches_its_address(with_sink: SmtpSink) -> None:
    status, output = entraide("notify", "test", "--to", "accueil@demo.invalid")
    assert status == 0, output
    [mail] = with_sink.received
    assert mail.recipients == ("accueil@demo.invalid",)
    assert "essai" in mail.subject


def test_refused_test_message_is_told_with_the_server_s_verdict(with_sink: SmtpSink) -> None:
    with_sink.refuse_recipient("550 5.1.1 unknown mailbox")
    status, output = entraide("notify", "test", "--to", "personne@demo.invalid")
    assert status == 1
    assert output == "Erreur : Le serveur de courriel n’a pas pris le message (smtp-550).\n"


@pytest.mark.parametrize("address", ["", "sans-arobase", "a@b, c@d", "a@b\nBcc: c@d"])
def test_test_message_refuses_what_is_not_one_address(with_sink: SmtpSink, address: str) -> None:
    status, output = entraide("notify", "test", "--to", address)
    assert status == 1
    assert "n’est pas une adresse" in output
    assert with_sink.received == []


def test_every_command_explains_itself_in_french() -> None:
    status, output = entraide("--help")
    assert status == 0
    for command in (
        "check",
        "demo",
        "explain",
        "generate",
        "import",
        "match",
        "migrate",
        "notify",
        "run",
        "serve",
        "token",
    ):
        assert f"\n  {command} " in output


ENGLISH = re.compile(
    r"\b(Usage|Error|Try|Options? requires|Missing|Show|Commands?|required|default|Invalid|No such|Got|does not"
    r"|COMMAND|ARGS|FILE|TEXT|INTEGER|RANGE|PROBLEM|EXTRACT|Did you mean)\b"
)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["import"],
        ["notify"],
        ["token"],
        ["token", "create"],
        ["import", "finess"],
        ["run"],
        ["run", "export"],
        ["run", "replay"],
    ],
)
def test_help_of_a_group_has_no_english_word(words: list[str]) -> None:
    _, output = entraide(*words, "--help")
    assert output.startswith("Utilisation : ")
    assert ENGLISH.findall(output) == []


@pytest.mark.parametrize("command", ["check", "demo", "generate", "match", "migrate", "serve", "worker"])
def test_help_of_a_command_has_no_english_word(command: str) -> None:
    _, output = entraide(command, "--help")
    assert output.startswith(f"Utilisation : main {command} ")
    assert ENGLISH.findall(output) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["matcher"], "La commande « matcher » n’existe pas."),
        (["serve", "--lien"], "L’option --lien n’existe pas."),
        (["match"], "Il manque PROBLÈME."),
        (["match", __file__], "Il manque --out."),
        (["match", __file__, "--out"], "L’option --out n’est pas suivie de ce qu’elle attend."),
        (["demo", "--without=tout"], "Valeur refusée pour --without : une de celles-ci est attendue, serve, worker."),
        (["serve", "--access-log=1"], "L’option --access-log n’est pas suivie de ce qu’elle attend."),
        (["serve", "--grace-seconds", "un"], "Valeur refusée pour --grace-seconds : un nombre entier est attendu."),
        (["check", "/nowhere", __file__], "Valeur refusée pour PROBLÈME : un fichier lisible est attendu."),
        (["check", "/", __file__], "Valeur refusée pour PROBLÈME : un fichier lisible est attendu."),
        (["match", __file__, "--out", "/"], "Valeur refusée pour --out : un fichier à écrire est attendu."),
        (["migrate", "vite"], "Il y a un argument de trop."),
        (
            ["token", "create", "--email", "a@b", "--days", "0"],
            "Valeur refusée pour --days : un nombre entier entre 1 et 365 est attendu.",
        ),
    ],
)
def test_misuse_is_told_in_french(words: list[str], said: str) -> None:
    status, output = entraide(*words)
    assert status == 2
    assert output.endswith(f"Erreur : {said}\n")
    assert ENGLISH.findall(output) == []


@pytest.mark.parametrize("words", [[], ["token"]])
def test_command_that_lacks_its_second_word_explains_itself(words: list[str]) -> None:
    status, output = entraide(*words)
    assert status == 2
    assert output.startswith("Utilisation : ")
