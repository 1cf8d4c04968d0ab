"""The command line as `python -m hpsearch`."""

from hpsearch.cli.main import main

if __name__ == "__main__":
    main()
