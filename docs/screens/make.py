"""Takes the screenshots of the README from a running demonstration.

    ./run demo                                    # in one terminal
    .venv/bin/python docs/screens/make.py         # in another, with the developer's environment

Reads the address and the demonstration's password from `var/`, signs in as the coordination, waits for proposals.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
ADDRESS = os.environ.get("ENTRAIDE_PUBLIC_URL", "http://127.0.0.1:8000")
DATA = Path(os.environ.get("ENTRAIDE_DATA_DIR", HERE.parents[1] / "var"))


def main() -> None:
    """Write `board.png` beside this script."""
    password = json.loads((DATA / "accounts.json").read_text(encoding="utf-8"))["password"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="fr-FR", timezone_id="Europe/Paris")
        page.goto(f"{ADDRESS}/connexion")
        page.get_by_label("Adresse e-mail").fill("coordination@demo.invalid")
        page.get_by_label("Mot de passe").fill(password)
        page.get_by_role("button", name="Se connecter").click()
        page.wait_for_url(f"{ADDRESS}/")
        page.goto(f"{ADDRESS}/tableau")
        page.get_by_text("En direct").wait_for()
        page.screenshot(path=HERE / "board.png")
        browser.close()


if __name__ == "__main__":
    main()
