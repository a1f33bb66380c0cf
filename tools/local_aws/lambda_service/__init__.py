"""Lambda on this machine: functions in worker processes under AWS's own runtime client, and their mappings."""

from local_aws.lambda_service.errors import LambdaError
from local_aws.lambda_service.service import WORKERS_PER_FUNCTION, LambdaService

__all__ = ["WORKERS_PER_FUNCTION", "LambdaError", "LambdaService"]
