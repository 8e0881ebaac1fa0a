# The same commands as in CI, for those who type `just`.

default:
    @just --list

# format, lint, types, layers
check:
    ./mezzotint test --static

# the checks and the fast tests; arguments go to pytest, which then runs alone
test *arguments:
    ./mezzotint test {{arguments}}

# all that CI runs
ci:
    .ci/run

# put the code into house format and mend what can be mended
format:
    .venv/bin/ruff check --fix .
    .venv/bin/ruff format .
