from contracts.measuring import MeasuringConsumer
from functions.measure_changes import app


class Adapter(MeasuringConsumer):
    function = app
    variable = "TASK_MEASURES_TABLE"
