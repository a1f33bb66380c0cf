"""One module for each command; ``--help`` lists them in this order."""

# ruff: noqa: I001
from streamctl.commands import status as status
from streamctl.commands import shards as shards
from streamctl.commands import tail as tail
from streamctl.commands import failures as failures
from streamctl.commands import requeue as requeue
from streamctl.commands import parked as parked
from streamctl.commands import redrive as redrive
from streamctl.commands import discard as discard
from streamctl.commands import replay as replay
from streamctl.commands import backfill as backfill
from streamctl.commands import explain as explain
from streamctl.commands import lint as lint
from streamctl.commands import cost as cost
