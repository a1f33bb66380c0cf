"""One module for each command, in the order in which ``--help`` lists them."""

from streamctl.commands import status as status
