"""Draw the README's pictures of a search of `configs/digits.yaml`: each by a function of its name in PICTURES.

python tests/pictures/draw_pictures.py .github            all of them, from a new search
python tests/pictures/draw_pictures.py .github --run runs/digits-001 --only report.png
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import click
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import text_to_be_present_in_element
from selenium.webdriver.support.ui import Select, WebDriverWait
from terminal_pictures import live_picture, result_picture

CONFIG = Path(__file__).parents[2] / "configs" / "digits.yaml"
PROGRAM = (sys.executable, "-m", "hpsearch")
SIZE = 1120, 1560
CHOSEN = "0.001", "0.1"
"""The range of learning rates in the picture of the page."""


def report_picture(run: Path, picture: Path) -> None:
    """Draw the head of the page about a run, with a range of learning rates chosen in it."""
    page = picture.with_suffix(".html")
    subprocess.run([*PROGRAM, "report", str(run), "--out", str(page)], check=True, stdout=subprocess.DEVNULL)
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for argument in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "hide-scrollbars",
        f"window-size={SIZE[0]},{SIZE[1] + 150}",
    ):
        options.add_argument(f"--{argument}")
    driver = Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        driver.get(page.resolve().as_uri())
        wait = WebDriverWait(driver, 60, 0.05)
        wait.until(lambda one: one.execute_script("return document.body.dataset.drawn"))
        for choice, value in zip(driver.find_elements(By.CSS_SELECTOR, "select[data-field=x0]"), CHOSEN, strict=True):
            before = driver.find_element(By.ID, "count").text
            Select(choice).select_by_visible_text(value)
            wait.until_not(text_to_be_present_in_element((By.ID, "count"), before))
        clip = {"x": 0, "y": 0, "width": SIZE[0], "height": SIZE[1], "scale": 1}
        driver.execute_script("scrollTo(0, 0); document.getElementById('tip').hidden = true")
        taken = driver.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip})
        picture.write_bytes(base64.b64decode(taken["data"]))
    finally:
        driver.quit()
        page.unlink()


PICTURES: Mapping[str, Callable[[Path, Path], None]] = {
    "terminal.svg": result_picture,
    "live.svg": live_picture,
    "report.png": report_picture,
}
"""What draws each picture of the run in a directory, by the name of its file."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--run", type=click.Path(path_type=Path, exists=True), help="A finished run, in the place of a new search.")
@click.option("--only", type=click.Choice(list(PICTURES)), help="This picture alone.")
def main(folder: Path, run: Path | None, only: str | None) -> None:
    """Draw the pictures into FOLDER."""
    with tempfile.TemporaryDirectory() as name:
        if run is None:
            subprocess.run([*PROGRAM, "run", str(CONFIG), "--runs-dir", name, "--quiet"], check=True)
            run = Path(name) / "digits-001"
        for file, draw in PICTURES.items():
            if only in (None, file):
                draw(run, folder / file)
                click.echo(folder / file)


if __name__ == "__main__":
    main()
