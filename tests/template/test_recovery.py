"""The numbers that recovery and the template share."""

from functions.recover_batches import app
from template.template import FUNCTION, QUEUE, Template

TEMPLATE = Template.load()


def test_recovery_knows_the_longest_time_out_of_a_consumer() -> None:
    time_outs = {name: properties["Timeout"] for name, properties in TEMPLATE.properties(FUNCTION)}
    own = time_outs.pop("RecoverBatchesFunction")

    assert max(time_outs.values()) == app.CONSUMER_SECONDS
    assert own >= app.CONSUMER_SECONDS + app.DELIVERY_SECONDS + app.ANSWER_SECONDS


def test_the_queue_gives_up_only_after_the_round_in_which_everything_is_parked() -> None:
    queues = dict(TEMPLATE.properties(QUEUE))

    assert queues["FailedBatchesQueue"]["RedrivePolicy"]["maxReceiveCount"] == app.LAST_ROUND + 2
