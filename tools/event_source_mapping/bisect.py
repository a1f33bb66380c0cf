"""BisectBatchOnFunctionError: how a failed batch is halved."""


def split[T](records: list[T]) -> tuple[list[T], list[T]]:
    """Both halves, in order, the first with floor(n/2) records; at least two records are needed."""
    middle = len(records) // 2
    return records[:middle], records[middle:]
