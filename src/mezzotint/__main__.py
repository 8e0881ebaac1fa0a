"""``python -m mezzotint``: the same as the ``mezzotint`` command."""

from mezzotint.cli.app import main

if __name__ == "__main__":
    main()
