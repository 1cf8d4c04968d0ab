"""The page in a real browser without a network: Chromium by chromedriver, one session for all tests; not run without."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from made_run import MARKUP, made_run
from pages import reported
from selenium.webdriver import ActionChains, Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from hpsearch.views.page.report import ReportedRun, report
from hpsearch.views.page.style import OUT
from hpsearch.views.page.trial_table import PRINTED_COLUMNS

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
REQUIRED = "REQUIRE_BROWSER"
"""When it is set, a machine without a browser fails instead of skipping."""

if not (BROWSER and DRIVER) and not os.environ.get(REQUIRED):
    pytest.skip("not run: no chromium with chromedriver on this machine", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets of the driver that are closed by its end

TRIALS = 60
SHEET = {"width": 688, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
"""A4 without its margins, in pixels of CSS."""

LISTEN = """window.violations = [];
document.addEventListener('securitypolicyviolation', e => violations.push(e.effectiveDirective + ' ' + e.blockedURI));
window.addEventListener('error', e => violations.push('error ' + e.message));"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = BROWSER or ""
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "window-size=1280,1000"):
        options.add_argument(f"--{argument}")
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=Service(DRIVER))
    try:
        driver.execute_cdp_cmd("Network.enable", {})
        off = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        driver.execute_cdp_cmd("Network.emulateNetworkConditions", off)
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": LISTEN})
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        path.write_text(report(reported(made_run(TRIALS))), encoding="utf-8")
        yield path.as_uri()


@pytest.fixture
def unused(browser: Chrome, address: str) -> Chrome:
    """The page, drawn, for a test that only looks: opened only if another test has used it."""
    if not ask(browser, "window.isUnused"):
        said(browser)  # what was said before
        browser.get(address)
        until(browser, lambda: ask(browser, "document.body.dataset.drawn") is not None)
        browser.execute_script("window.isUnused = true")
    return browser


@pytest.fixture
def page(unused: Chrome) -> Chrome:
    """The page, drawn, for a test that uses it."""
    unused.execute_script("window.isUnused = false")
    return unused


def ask(browser: Chrome, expression: str) -> Any:
    return browser.execute_script(f"return {expression}")


def said(browser: Chrome) -> list[Any]:
    """Return what the console was told since it was last asked."""
    return list(browser.execute("getLog", {"type": "browser"})["value"])


def until(browser: Chrome, holds: Callable[[], bool]) -> None:
    WebDriverWait(browser, 20, poll_frequency=0.03).until(lambda _: holds())


def rows_left(browser: Chrome) -> int:
    return int(ask(browser, "document.querySelectorAll('#trials tbody tr:not(.out)').length"))


def grey_marks(browser: Chrome, chart: str) -> int:
    return int(ask(browser, f"document.querySelectorAll('#{chart} svg path[stroke=\"{OUT}\"]').length"))


def told(browser: Chrome) -> str:
    return str(ask(browser, "document.getElementById('count').textContent"))


def drag_over(browser: Chrome, chart: str, begin: float, end: float) -> None:
    """Drag from one share of a chart's width to another."""
    place = browser.find_element(By.CSS_SELECTOR, f"#{chart} svg .role-frame > g > path.background")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", place)
    width = place.rect["width"]
    moves = ActionChains(browser, duration=20).move_to_element_with_offset(place, int((begin - 0.5) * width), 0)
    moves.click_and_hold().move_by_offset(int((end - begin) / 2 * width), 2)
    moves.move_by_offset(int((end - begin) / 2 * width), 2).release().perform()


def test_it_opens_from_a_file_without_a_network_an_error_or_a_violation(unused: Chrome) -> None:
    assert said(unused) == []
    assert ask(unused, "violations") == []
    charts = ask(unused, "[...document.querySelectorAll('.chart')].map(chart => chart.querySelectorAll('svg').length)")
    assert charts == [1] * 8
    assert told(unused) == "60 of 60 trials"


def test_brushing_a_slice_greys_the_others_everywhere_and_filters_the_table(page: Chrome) -> None:
    assert grey_marks(page, "history") == 0
    drag_over(page, "slice-x0", 0.1, 0.6)
    until(page, lambda: rows_left(page) < TRIALS)
    one = rows_left(page)
    low, *_, high = sorted(map(float, column(page, 5, ":not(.out)")))
    assert told(page) == f"{one} of 60 trials, within learning_rate {low:.3g} to {high:.3g}"
    assert chosen(page, "x0") == ["as dragged", "as dragged"]
    for chart in ("history", "slice-x0", "slice-x1", "slice-x3"):
        assert grey_marks(page, chart) == TRIALS - one
    assert grey_marks(page, "combinations") > 0
    assert grey_marks(page, "curves") > 0
    drag_over(page, "slice-x3", 0.05, 0.5)
    until(page, lambda: rows_left(page) < one)
    assert re.search(r"within learning_rate .* to .*; hidden_units \d+ to \d+$", told(page))
    page.find_element(By.ID, "clear").send_keys(Keys.ENTER)
    until(page, lambda: rows_left(page) == TRIALS)
    assert ask(page, "document.activeElement.id") == "count"  # not lost with the button, which is switched off
    assert grey_marks(page, "history") == 0
    assert chosen(page, "x0") == chosen(page, "x3") == ["lowest", "highest"]


def test_lists_show_the_range_that_holds_whoever_set_it(page: Chrome) -> None:
    _, end = page.find_elements(By.CSS_SELECTOR, "select[data-field=x0]")
    end.send_keys("0.01")
    until(page, lambda: "learning_rate" in told(page))
    assert chosen(page, "x0") == ["lowest", "0.01"]
    crossing = "[...document.querySelectorAll('select[data-field=x0]')[0].options].filter(o => o.disabled).map(o => o.text)"
    assert ask(page, crossing) == ["0.1", "1"]
    drag_over(page, "slice-x0", 0.5, 0.9)
    until(page, lambda: chosen(page, "x0") == ["as dragged", "as dragged"])
    page.find_element(By.CSS_SELECTOR, "select[data-field=x1]").send_keys("adam")
    until(page, lambda: "optimizer adam" in told(page))
    drag_over(page, "slice-x1", 0.05, 0.95)
    until(page, lambda: chosen(page, "x1") == ["as dragged"])


def chosen(page: Chrome, field: str) -> list[str]:
    """Return what the lists of a parameter show."""
    lists = f"[...document.querySelectorAll('select[data-field={field}]')]"
    return list(ask(page, f"{lists}.map(list => list.selectedOptions[0].text)"))


def test_the_trials_that_a_brush_leaves_have_their_values_in_its_range(page: Chrome) -> None:
    drag_over(page, "slice-x0", 0.4, 0.9)
    until(page, lambda: rows_left(page) < TRIALS)
    left, gone = (list(map(float, column(page, 5, rows))) for rows in (":not(.out)", ".out"))
    assert all(not min(left) <= value <= max(left) for value in gone)


def test_a_range_can_be_chosen_from_lists_by_keyboard(page: Chrome) -> None:
    beginning, end = page.find_elements(By.CSS_SELECTOR, "select[data-field=x0]")
    assert beginning.accessible_name == "learning_rate: from"
    beginning.send_keys("0.001")
    until(page, lambda: rows_left(page) < TRIALS)
    end.send_keys("0.1")
    until(page, lambda: "learning_rate" in told(page) and rows_left(page) < 40)
    cells = list(map(float, column(page, 5, ":not(.out)")))
    assert min(cells) > 0.000999
    assert max(cells) < 0.1001
    only = page.find_element(By.CSS_SELECTOR, "select[data-field=x1]")
    only.send_keys("adam")
    before = len(cells)
    until(page, lambda: rows_left(page) < before)
    assert set(column(page, 6, ":not(.out)")) == {"adam"}


def column(page: Chrome, place: int, rows: str = "") -> list[str]:
    """Return the values in full of a column, of all rows or of those that a selector adds to."""
    every = f"[...document.querySelectorAll('#trials tbody tr{rows}')]"
    return list(ask(page, f"{every}.map(row => row.cells[{place}].title || row.cells[{place}].textContent)"))


def test_the_table_sorts_by_click_and_by_keyboard_with_nothing_last(page: Chrome) -> None:
    head = page.find_element(By.XPATH, "//table[@id='trials']//th/button[text()='momentum']")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", head)
    head.click()
    found = column(page, 7)
    numbers = [float(text) for text in found if text]
    assert numbers == sorted(numbers)
    assert set(found[len(numbers) :]) == {""}
    assert ask(page, "[...document.querySelectorAll('#trials th')].map(th => th.ariaSort).filter(Boolean)") == ["ascending"]
    head.send_keys(Keys.SPACE)
    again = column(page, 7)
    assert [float(text) for text in again if text] == numbers[::-1]
    assert again[-1] == ""
    assert head.find_element(By.XPATH, "..").get_attribute("aria-sort") == "descending"


def test_the_first_press_of_a_heading_of_a_metric_that_is_better_when_higher_sorts_the_best_first(
    browser: Chrome, tmp_path: Path
) -> None:
    run = made_run(TRIALS)
    run.start = {**run.start, "metric": "validation_accuracy"}
    (tmp_path / "higher.html").write_text(report(ReportedRun(run, None, "")), encoding="utf-8")
    browser.get((tmp_path / "higher.html").as_uri())
    browser.execute_script("document.querySelector('#trials th[data-first] button').click()")
    scores = [float(told) for told in column(browser, 3) if told]
    assert scores == sorted(scores, reverse=True)
    assert ask(browser, "document.querySelector('#trials th[data-first]').ariaSort") == "descending"


def test_markup_of_a_trial_is_shown_as_text(unused: Chrome) -> None:
    shown = MARKUP.replace("\u2028", r"\u2028")
    assert shown in column(unused, 6)
    assert any(text == "ValueError: " + MARKUP.replace("\u2028", "") for text in column(unused, 13))
    assert ask(unused, "document.scripts.length") == 3
    assert unused.title == "digits-001 \u00b7 hpsearch"
    assert "ValueError: </script>" in unused.find_element(By.XPATH, "//h2[text()='Failures']/..").text


def test_an_injected_script_and_a_request_are_refused(page: Chrome) -> None:
    inject = "const s = document.createElement('script'); s.textContent = 'window.taken = 1'; document.body.append(s);"
    page.execute_script(inject + "document.body.insertAdjacentHTML('beforeend', '<img src=\"https://example.org/x\">');")
    until(page, lambda: len(ask(page, "violations")) == 2)
    assert ask(page, "window.taken") is None
    assert sorted(ask(page, "violations")) == ["img-src https://example.org/x", "script-src-elem inline"]


def test_the_history_can_be_seen_over_trials_or_epochs(page: Chrome) -> None:
    numbers = "Math.max(...[...document.querySelectorAll('#history .role-axis-label text')].map(t => +t.textContent || 0))"
    assert ask(page, numbers) == TRIALS
    page.find_element(By.CSS_SELECTOR, "input[value=epochs]").click()
    until(page, lambda: ask(page, numbers) > TRIALS)


def test_a_mark_tells_its_trial_with_all_digits_when_pointed_at(page: Chrome) -> None:
    mark = page.find_element(By.CSS_SELECTOR, "#history svg .mark-symbol path:last-child")  # the best, on top
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", mark)
    ActionChains(page, duration=20).move_to_element(mark).perform()
    until(page, lambda: not ask(page, "document.getElementById('tip').hidden"))
    lines = dict(line.split("  ", 1) for line in str(ask(page, "document.getElementById('tip').textContent")).split("\n"))
    best = ask(page, "[...document.querySelector('#trials tr.best').cells].map(cell => cell.title || cell.textContent)")
    assert (lines["trial"], lines["validation_error"]) == (best[0], best[3])
    assert len(lines["learning_rate"]) > 8


def test_charts_tell_what_they_show_to_who_does_not_see_them(unused: Chrome) -> None:
    labels = ask(unused, "[...document.querySelectorAll('.chart')].map(chart => chart.ariaLabel)")
    assert len(labels) == len(set(labels)) == 8
    assert all(re.match(r"[A-Za-z_]", label) and label.endswith(".") for label in labels)
    nameless = [
        element for element in unused.find_elements(By.CSS_SELECTOR, "select, button, input") if not element.accessible_name
    ]
    assert nameless == []


def test_a_printed_table_is_no_wider_than_the_sheet_and_says_what_it_leaves_out(browser: Chrome, tmp_path: Path) -> None:
    run = made_run(TRIALS)
    run.start = {**run.start, "parameters": [*run.parameters, *(f"parameter_{j}" for j in range(40))]}
    (tmp_path / "wide.html").write_text(report(ReportedRun(run, None, "")), encoding="utf-8")
    browser.get((tmp_path / "wide.html").as_uri())
    told = "At most 100 rows and 14 columns are printed; all are on screen and in trials.csv."
    assert told not in ask(browser, "document.body.innerText")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", SHEET)
    try:
        assert ask(browser, "document.documentElement.scrollWidth <= innerWidth")
        shown = "[...document.querySelectorAll('#trials tr:nth-child(2) td')].filter(cell => cell.offsetWidth).length"
        assert ask(browser, shown) == PRINTED_COLUMNS
        assert told in ask(browser, "document.body.innerText")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.parametrize("width", [600, 1000, 1600])
def test_it_fits_the_window_without_scrolling_sideways(unused: Chrome, width: int) -> None:
    unused.set_window_size(width, 1000)
    try:
        until(unused, lambda: ask(unused, "innerWidth") <= width)
        until(unused, lambda: ask(unused, "document.documentElement.scrollWidth <= innerWidth"))
    finally:
        unused.set_window_size(1280, 1000)
