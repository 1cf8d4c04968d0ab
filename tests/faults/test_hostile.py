"""Specs and data files that were damaged at random: a clear error that names the place, or a plan; never a traceback."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from commands import Command, Ended

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
CASES = [0, 1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 20))]
"""Ten damages each of specs, and ten of data files."""

SCALARS = [
    *(
        "1e999",
        "-1",
        "null",
        "{}",
        "[]",
        "[1,]",
        "'",
        '"',
        "&a",
        "*a",
        "&a [*a]",
        "!!python/object:os.system x",
        "!!binary aGk=",
    ),
    *(
        "2024-01-01",
        "0x10",
        "1_000",
        "yes",
        "NaN",
        ".inf",
        "\t",
        "é" * 300,
        "..",
        "a: b: c",
        "[[[[[[1]]]]]]",
        "-",
        "?",
        "|",
        ">",
    ),
    *(
        "<<: {a: 1}",
        "%",
        "@x",
        "`x`",
        "1" * 400,
        "-0.0",
        "1e-400",
        "[1e-4, 1e-4]",
        "[2, 1]",
        "{range: [0, 1], scale: log}",
        "\x1b[2J",
    ),
]


def damaged_line(lines: list[str], draw: random.Random) -> None:
    """Damage one line of a text, or its order."""
    place = draw.randrange(len(lines))
    line = lines[place]
    match draw.randrange(7):
        case 0:
            del lines[place]
        case 1:
            lines.insert(draw.randrange(len(lines)), line)
        case 2:
            lines[place] = " " * draw.randrange(1, 5) + line
        case 3:
            key, colon, _ = line.partition(":")
            lines[place] = f"{key}{colon} {draw.choice(SCALARS)}"
        case 4:
            at = draw.randrange(len(line) + 1)
            lines[place] = line[:at] + draw.choice(SCALARS) + line[at:]
        case 5:
            at = draw.randrange(len(line) + 1)
            lines[place] = line[:at] + line[at + draw.randrange(1, 4) :]
        case _:
            lines[place] = line.lstrip() if line != line.lstrip() else f"\t{line}"


def damaged_text(text: str, draw: random.Random) -> bytes:
    """Return a text with one to three damages, in one of several encodings."""
    lines = text.splitlines()
    for _ in range(draw.randrange(1, 4)):
        damaged_line(lines, draw)
    content = "\n".join(lines).encode()
    match draw.randrange(12):
        case 0:
            return content[: draw.randrange(len(content))]
        case 1:
            return damaged_bytes(content, draw)
        case 2:
            return "\n".join(lines).encode("utf-16")
        case 3:
            return content.replace(b"\n", b"\r\n")
        case _:
            return content


def damaged_bytes(content: bytes, draw: random.Random) -> bytes:
    """Return bytes of which some were overwritten, cut out or doubled."""
    damaged = bytearray(content)
    for _ in range(draw.randrange(1, 6)):
        at = draw.randrange(max(len(damaged), 1))
        match draw.randrange(4):
            case 0:
                damaged[at : at + 1] = bytes([draw.randrange(256)])
            case 1:
                del damaged[at : at + draw.randrange(1, 40)]
            case 2:
                damaged[at:at] = damaged[at : at + draw.randrange(1, 40)]
            case _:
                damaged[at : at + 8] = bytes(draw.choice([0, 255]) for _ in range(8))
    return bytes(damaged)


def rows_of_text(draw: random.Random) -> bytes:
    lines = ["age,colour,height,sick"]
    lines += [f"{n % 90},{'red' if n % 3 else 'blue'},{n / 7:.3f},{'yes' if n % 2 else 'no'}" for n in range(60)]
    return damaged_text("\n".join(lines), draw)


def arrays(draw: random.Random) -> bytes:
    file = io.BytesIO()
    rng = np.random.default_rng(0)
    save: Callable[..., None] = draw.choice([np.savez, np.savez_compressed])
    save(file, x=rng.normal(size=(60, 3)), y=np.arange(60) % 2)
    return damaged_bytes(file.getvalue(), draw)


def assert_clear(ended: Ended, place: str) -> None:
    """Check that a command gave a plan, or said what was wrong and where."""
    assert ended.code in (0, 2), ended
    assert "bug in hpsearch" not in ended.err
    assert "Traceback" not in ended.err
    assert "\x1b" not in ended.out + ended.err
    assert not ended.code or place in ended.err or "`space`" in ended.err, ended


@pytest.mark.parametrize("case", CASES)
def test_a_damaged_spec_gets_a_clear_error_or_a_plan(case: int, tmp_path: Path, hpsearch: Command) -> None:
    for number in range(10):
        draw = random.Random(1000 * case + number)
        (tmp_path / "spec.yaml").write_bytes(damaged_text(draw.choice(CONFIGS).read_text(), draw))
        assert_clear(hpsearch("run", "spec.yaml", "--dry-run"), "spec.yaml")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("name", "target", "content"), [("rows.csv", "sick", rows_of_text), ("rows.npz", "y", arrays)])
def test_a_damaged_data_file_gets_a_clear_error_or_a_plan(
    name: str, target: str, content: Callable[[random.Random], bytes], case: int, tmp_path: Path, hpsearch: Command
) -> None:
    data, space = f"{{source: {name}, target: {target}}}", "{learning_rate: {range: [1e-4, 1]}}"
    (tmp_path / "spec.yaml").write_text(f"data: {data}\nspace: {space}\n")
    for number in range(10):
        (tmp_path / name).write_bytes(content(random.Random(1000 * case + number)))
        assert_clear(hpsearch("run", "spec.yaml", "--dry-run"), name)
