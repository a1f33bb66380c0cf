"""One module for each command, in the order in which ``--help`` lists them."""

from streamctl.commands import status as status  # isort: split

from streamctl.commands import replay as replay  # isort: split

from streamctl.commands import backfill as backfill
