"""How large the page about a run is, how long it takes to be written, and how long a browser takes to open it.

A search of a function is run for it, with 80 trials and with 5,000, of which some fail. The browser is Chromium, without a
network; the time is until all charts are drawn, as the page itself tells it.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import click
from machine import describe, table
from many_trials import command
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

MODULE = """\
def curve(learning_rate, momentum, width, kind, depth, decay):
    value = (learning_rate - 0.01) ** 2 + (momentum - 0.95) ** 2 + 1 / width + 0.01 * depth + decay
    for epoch in range(1, 28):
        if learning_rate > 0.5 and kind == "b" and epoch == 5:
            raise ValueError(f"no good: {learning_rate}")
        yield value + 1 / epoch
"""
SPEC = """\
name: page
objective: {{python: "function:curve", epochs: 27}}
space:
  learning_rate: {{range: [1.0e-4, 1.0], scale: log}}
  momentum: {{range: [0.8, 0.999], scale: 1-beta}}
  width: {{range: [16, 256], scale: log}}
  kind: [a, b, c]
  depth: {{range: [1, 3]}}
  decay: {{range: [1.0e-6, 1.0e-2], scale: log}}
search: {{method: random, trials: {trials}, confirm: {{leaders: 0}}}}
"""


def written(folder: Path, trials: int, rounds: int) -> tuple[Path, list[float]]:
    """Search, and write the page so many times; return it, and the seconds of each time."""
    (folder / "function.py").write_text(MODULE)
    (folder / "page.yaml").write_text(SPEC.format(trials=trials))
    os.chdir(folder)
    command(folder, "run", "page.yaml", "--jobs", "1", "--quiet")
    return folder / "runs" / "page-001" / "report.html", [command(folder, "report", "latest")[0] for _ in range(rounds)]


def opened(page: Path) -> float:
    """Open a page in a browser of its own; return the seconds until its charts were drawn."""
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "window-size=1280,900"):
        options.add_argument(f"--{argument}")
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND")
    driver = Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        driver.get(page.as_uri())
        told = "return document.body.dataset.drawn"
        return float(WebDriverWait(driver, 60, 0.05).until(lambda one: one.execute_script(told))) / 1000
    finally:
        driver.quit()


@click.command()
@click.option("--trials", default="80, 5000", show_default=True)
@click.option("--rounds", default=5, show_default=True)
def main(trials: str, rounds: int) -> None:
    """Print sizes and medians."""
    for name, fact in describe(["hpsearch", "vl-convert-python", "selenium"]).items():
        print(f"{name}: {fact}")
    rows = [["trials", "MB", "written in", "opened in"]]
    start = time.perf_counter()
    for count in map(int, trials.split(",")):
        with tempfile.TemporaryDirectory() as name:
            page, writing = written(Path(name), count, rounds)
            opening = [opened(page) for _ in range(rounds)]
            size = page.stat().st_size / 1e6
            os.chdir("/")
        rows.append(
            [f"{count:,}", f"{size:.2f}", f"{statistics.median(writing):.2f} s", f"{statistics.median(opening):.2f} s"]
        )
    print(table(rows))
    print(f"in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
