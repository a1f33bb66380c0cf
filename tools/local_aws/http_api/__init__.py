"""HTTP APIs of API Gateway: what they are made of is moto's, what they answer is made here.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html
"""

from .front import HttpApis

__all__ = ["HttpApis"]
