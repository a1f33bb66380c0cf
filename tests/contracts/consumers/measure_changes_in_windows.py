from contracts.measuring_in_windows import WindowConsumer
from functions.measure_changes import app


class Adapter(WindowConsumer):
    function = app
    variable = "TASK_MEASURES_TABLE"
