"""CloudWatch alarms evaluated by CloudWatch's documented rules, without CloudWatch and without a clock.

The caller passes the metric data and the time of each evaluation. AWS leaves some rules open; `Readings` names them, so
that a test can play an alarm under each.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from alarms.alarm import Alarm, Evaluation
from alarms.composite import CompositeAlarm
from alarms.missing_data import AlarmState
from alarms.readings import Readings
from alarms.series import Datum, Metric, MetricData

__all__ = ["Alarm", "AlarmState", "CompositeAlarm", "Datum", "Evaluation", "Metric", "MetricData", "Readings"]
