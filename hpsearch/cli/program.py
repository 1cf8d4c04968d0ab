"""The program: its commands."""

from __future__ import annotations

import click

from hpsearch.cli.check import check_command
from hpsearch.cli.compare import compare_command
from hpsearch.cli.completion import completion_command
from hpsearch.cli.confirm import confirm_command
from hpsearch.cli.doctor import doctor_command
from hpsearch.cli.export import export_command
from hpsearch.cli.init import init_command
from hpsearch.cli.list import list_command
from hpsearch.cli.predict import predict_command
from hpsearch.cli.refine import refine_command
from hpsearch.cli.report import report_command
from hpsearch.cli.run import run_command
from hpsearch.cli.show import show_command
from hpsearch.cli.variables import Program
from hpsearch.cli.verify import verify_command
from hpsearch.cli.watch import watch_command


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: hpsearch run configs/digits.yaml",
)
@click.version_option(package_name="hpsearch", message="%(prog)s %(version)s")
def hpsearch() -> None:
    """Find good hyperparameters from one YAML file.

    Random points on the right scales, batch-norm networks in NumPy trained for all of them in parallel, and everything on
    record in plain files.
    """


for _command in (
    init_command,
    check_command,
    run_command,
    watch_command,
    refine_command,
    list_command,
    show_command,
    compare_command,
    confirm_command,
    verify_command,
    report_command,
    predict_command,
    export_command,
    doctor_command,
    completion_command,
):
    hpsearch.add_command(_command)
