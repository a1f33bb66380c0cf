"""What an invocation takes beside its work, and what is there whether or not anything changes."""

from costs.price_table import price_table
from costs.template_settings import TemplateSettings
from costs.usage import GB, Usage

LOG_BYTES = 900
"""What a function logs of a batch, its line and its metrics; held against the handlers."""
REDRIVE_SECONDS = 900
REDRIVE_TAKES = 0.2
REDRIVE_MEMORY = 1024


def running(
    template: TemplateSettings, invocations: float, seconds: float, memory: int, *, traced: bool
) -> dict[str, float]:
    """Return what Lambda, logs and traces of so many invocations a second come to."""
    estimated = price_table().estimated
    logged = invocations * (LOG_BYTES + estimated["platform_log_bytes"]) / GB
    traces = min(invocations, 1.0) + estimated["traced_share"] * max(0.0, invocations - 1.0)
    return {
        "lambda_request": invocations,
        "lambda_gb_second": invocations * seconds * memory / 1024,
        "log_gb": logged,
        "log_gb_month": logged * estimated["log_compression"] * template.log_days / 30.4,
        "trace": traces if traced else 0.0,
    }


def recovery(template: TemplateSettings) -> Usage:
    """Return what recovery takes while nothing fails: a queue that is asked, and a schedule."""
    runs = running(template, 1 / REDRIVE_SECONDS, REDRIVE_TAKES, REDRIVE_MEMORY, traced=True)
    return Usage("recovery", {"queue_request": price_table().estimated["queue_polls"], **runs})


def watch(template: TemplateSettings) -> Usage:
    """Return alarms, the dashboard, and the metrics that the functions count."""
    resources = template.resources
    return Usage(
        "watch",
        {},
        {
            "metric_month": price_table().estimated["custom_metrics"],
            "alarm_month": template.alarm_metrics,
            "composite_alarm_month": resources["AWS::CloudWatch::CompositeAlarm"],
            "dashboard_month": resources["AWS::CloudWatch::Dashboard"],
        },
    )
